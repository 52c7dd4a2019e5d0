"""How people get in: the sign-in, the gate before every page, and nothing without either."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from flask import Blueprint, Flask
from werkzeug.exceptions import NotFound

from cds_service.store.open_store import Store
from cds_service.web.access.audit import Auditor
from cds_service.web.access.demo_sign_in import demo_sign_in_blueprint
from cds_service.web.access.gate import Access, guard_pages
from cds_service.web.access.kept_form import kept_form_blueprint
from cds_service.web.access.pages import session_blueprint
from cds_service.web.access.session import SessionCookie
from cds_service.web.service import Service

if TYPE_CHECKING:
    from cds_service.web.access.issuers import KnownIssuer

CLOSED = ("/worklist", "/sign-in", "/launch", "/callback", "/it")


def admit_people(app: Flask, service: Service, pages: list[Blueprint]) -> None:
    """Adds the pages behind the gate, where people can sign in or the demo signs them in.

    Elsewhere the pages do not exist, and their addresses say so. Raises SettingsError when a key
    or a secret cannot be used.
    """
    sign_in = service.settings.sign_in
    if service.store is None or not (sign_in.issuers or service.is_demo):
        app.register_blueprint(_closed())
        return
    access = Access(
        service.settings,
        service.store,
        # Sessions end by the machine's clock, whatever moment is being replayed.
        service.machine_clock or service.clock,
        Auditor(service.store.audit, service.settings.public_url),
        SessionCookie.of_site(service.settings),
        service.is_demo,
    )
    issuers = _sign_in(app, service, access, service.store) if sign_in.issuers else {}
    if service.is_demo:
        app.register_blueprint(demo_sign_in_blueprint(access))
    guard_pages(app, access, [*pages, session_blueprint(issuers), kept_form_blueprint()])


def _sign_in(
    app: Flask, service: Service, access: Access, store: Store
) -> "Mapping[str, KnownIssuer]":
    """Adds the pages of the sign-in; who vouches for people, by name."""
    # Their libraries cost memory and half a second: a site without sign-in never imports them.
    from cds_service.web.access.issuers import known_issuers  # noqa: PLC0415
    from cds_service.web.access.sign_in import SignIns  # noqa: PLC0415
    from cds_service.web.access.sign_in_pages import sign_in_blueprint  # noqa: PLC0415

    issuers = known_issuers(service.settings.sign_in)
    ours = frozenset(issuers_of_our_patients(service))
    sign_ins = SignIns(issuers, store.sessions, service.settings.public_url, ours)
    app.register_blueprint(sign_in_blueprint(access, sign_ins))
    return issuers


def issuers_of_our_patients(service: Service) -> Iterator[str]:
    """The names of the EHRs whose patients are the population's.

    By its address, its client, or the site's word: an id of one EHR is somebody else's in another.
    """
    settings = service.settings
    read_from = settings.population.fhir_server.rstrip("/")
    theirs = [each for each in settings.clients if each.name == service.population_client]
    launching = [settings.launching_issuer(client) for client in theirs]
    for issuer in settings.sign_in.issuers:
        is_read = issuer.kind == "smart" and issuer.iss.rstrip("/") == read_from
        if issuer.same_patients or is_read or issuer in launching:
            yield issuer.name


def _closed() -> Blueprint:
    blueprint = Blueprint("closed", __name__)

    def no_pages(_: str = "") -> str:
        raise NotFound(
            "There are no pages for people here: no way to sign in is set up. Hospital IT: say "
            "under [[sign_in.issuers]] who vouches for the people who work here."
        )

    for path in CLOSED:
        blueprint.add_url_rule(path, f"no{path.replace('/', '_')}", no_pages)
    blueprint.add_url_rule("/patients/<path:_>", "no_patients", no_pages)
    return blueprint
