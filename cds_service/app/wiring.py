"""Settings, clock and plans become a service."""

from contextlib import suppress
from dataclasses import replace

import msgspec

from cds_service.app.clock import fixed_clock, running_clock
from cds_service.app.plans import plan_resources, plans_folder, plans_in_force
from cds_service.app.profiles import profiles_folder, published
from cds_service.assessment import Occasion, Rulebook, assess
from cds_service.cds_hooks.discovery import PREFETCH_TEMPLATES
from cds_service.errors import RequiredDataMissingError, SettingsError
from cds_service.fhir.value_sets import site_codes
from cds_service.settings import Client, Settings
from cds_service.settings.sign_in import check_sign_in
from cds_service.store.open_store import open_store
from cds_service.web import Service
from cds_service.web.plan_uses import plan_use
from cds_service.web.tally import Tally


def wire(settings: Settings, as_of: str | None = None) -> Service:
    """The service of a site; its clock stands at `as_of` when that is given.

    Raises SettingsError and PlanError: nothing starts half configured.
    """
    zone = settings.time_zone
    check_sign_in(settings.sign_in, settings.clients, settings.public_url, settings.origin)
    resources = plan_resources(settings.plans.folder or plans_folder())
    rulebook = Rulebook(
        plans=plans_in_force(resources, settings.thresholds),
        time_zone=zone,
        emergency_number=settings.emergency_number,
        site_codes=site_codes(settings.value_sets, settings.origin),
    )
    _check_plan_uses(settings, {plan.id for plan in rulebook.plans})
    return Service(
        settings=settings,
        rulebook=replace(rulebook, off=_off(settings, None, rulebook)),
        client_rulebooks={
            client.name: replace(
                rulebook,
                time_zone=client.time_zone or zone,
                off=_off(settings, client, rulebook),
            )
            for client in settings.clients
        },
        clock=fixed_clock(as_of, zone) if as_of else running_clock(zone),
        fixed_clock=bool(as_of),
        machine_clock=running_clock(zone),
        artefacts=published(resources, rulebook.plans, profiles_folder()),
    )


def _off(settings: Settings, client: Client | None, rulebook: Rulebook) -> frozenset[str]:
    """The plans that are switched off for a client."""
    ids = (plan.id for plan in rulebook.plans)
    return frozenset(each for each in ids if plan_use(settings, client, each).mode == "off")


def _check_plan_uses(settings: Settings, known: set[str]) -> None:
    """A name that no plan has would leave a plan on that the site believes is off."""
    named = {f"plans.{name}": name for name in settings.plans.uses}
    for client in settings.clients:
        named |= {f"clients.{client.name}.plans.{name}": name for name in client.plans}
    for key, name in named.items():
        if name not in known:
            raise SettingsError(
                f"{settings.origin}: {key}: found no plan of this name, expected one of "
                f"{', '.join(sorted(known))}. Correct the name."
            )


def with_store(service: Service) -> Service:
    """The service with the site's store open. Raises SettingsError."""
    settings = service.settings
    # The store forgets by the machine's clock, whatever moment is being replayed.
    clock = running_clock(settings.time_zone)
    store = open_store(settings.store.folder, clock, settings.store)
    return replace(service, store=store, tally=Tally(clock))


def warm_up(service: Service) -> None:
    """Assesses nobody once, so that the first patient does not wait for what is made on demand."""
    nothing_found = dict.fromkeys(PREFETCH_TEMPLATES, msgspec.Raw(b"null"))
    with suppress(RequiredDataMissingError):
        assess("nobody", nothing_found, service.rulebook, service.clock(), Occasion("patient-view"))
