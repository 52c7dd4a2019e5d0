"""The FHIR API of the artefacts: metadata, read, search, the package."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from cds_service.fhir.artefacts import KINDS, Artefacts, searchset
from cds_service.fhir.package import PACKAGE_ID, package
from cds_service.web.fhir_answer import check_format, fhir_answer, tagged_answer
from cds_service.web.fhir_paging import paging
from cds_service.web.service import Service

_CAPABILITY = "itb-pump-cds"


def fhir_blueprint(service: Service) -> Blueprint:
    """GET /fhir/metadata, /fhir/{kind}, /fhir/{kind}/{id} and /fhir/package.tgz."""
    blueprint = Blueprint("fhir", __name__, url_prefix="/fhir")
    found = service.artefacts
    address = f"{service.settings.public_url}/fhir"
    packed = _once(lambda: package(found))

    @blueprint.get("/metadata")
    def metadata() -> Response:
        check_format()
        return fhir_answer(_capability(found, address))

    @blueprint.get("/package.tgz")
    def package_file() -> Response:
        answer = tagged_answer(packed(), sha256(packed()).hexdigest()[:32], "application/gzip")
        answer.headers["Content-Disposition"] = f'attachment; filename="{PACKAGE_ID}.tgz"'
        return answer

    @blueprint.get("/<kind>")
    def search(kind: str) -> Response:
        check_format()
        _check_kind(kind)
        return fhir_answer(_page(found, kind, address))

    @blueprint.get("/<kind>/<logical_id>")
    def read(kind: str, logical_id: str) -> Response:
        check_format()
        _check_kind(kind)
        artefact = found.read(kind, logical_id)
        if artefact is None:
            raise NotFound(f"No such {kind}. See GET /fhir/{kind}.")
        return tagged_answer(artefact.body, artefact.etag)

    return blueprint


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise NotFound(f"There is no such kind here; there are {', '.join(KINDS)}.")


def _page(found: Artefacts, kind: str, address: str) -> dict[str, Any]:
    """The page of a search that is asked for, with the links to its neighbours."""
    page = paging()
    matches = found.found(kind, page.criteria)
    links = page.links(f"{address}/{kind}", len(matches))
    return searchset(page.part(matches), len(matches), links, address)


def _capability(found: Artefacts, address: str) -> dict[str, Any]:
    """The CapabilityStatement of this installation."""
    statement = next(
        each.resource
        for each in found.published
        if each.kind == "CapabilityStatement" and each.id == _CAPABILITY
    )
    return {
        **statement,
        "kind": "instance",
        "instantiates": [statement["url"]],
        "implementation": {"description": statement["description"], "url": address},
    }


def _once(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """What `make` gives, made when it is first asked for."""
    made: list[bytes] = []

    def get() -> bytes:
        if not made:
            made.append(make())
        return made[0]

    return get
