"""Settings, clock and plans become a service."""

from contextlib import suppress
from dataclasses import replace

import msgspec

from cds_service.app.clock import fixed_clock, running_clock
from cds_service.app.plans import plan_resources, plans_folder
from cds_service.app.profiles import profiles_folder, published
from cds_service.assessment import Occasion, Rulebook, assess
from cds_service.cds_hooks.discovery import PREFETCH_TEMPLATES
from cds_service.errors import RequiredDataMissingError
from cds_service.fhir.plan_definition import read_plans
from cds_service.fhir.value_sets import site_codes
from cds_service.settings import Settings
from cds_service.store.open_store import open_store
from cds_service.web import Service


def wire(settings: Settings, as_of: str | None = None) -> Service:
    """The service of a site; its clock stands at `as_of` when that is given.

    Raises SettingsError and PlanError: nothing starts half configured.
    """
    zone = settings.time_zone
    resources = plan_resources(settings.plans_folder or plans_folder())
    plans = read_plans(resources, settings.thresholds)
    return Service(
        settings=settings,
        rulebook=Rulebook(
            plans=plans,
            time_zone=zone,
            emergency_number=settings.emergency_number,
            site_codes=site_codes(settings.value_sets, settings.origin),
        ),
        clock=fixed_clock(as_of, zone) if as_of else running_clock(zone),
        fixed_clock=bool(as_of),
        machine_clock=running_clock(zone),
        artefacts=published(resources, plans, profiles_folder()),
    )


def with_store(service: Service) -> Service:
    """The service with the site's store open. Raises SettingsError."""
    settings = service.settings
    # The store forgets by the machine's clock, whatever moment is being replayed.
    clock = running_clock(settings.time_zone)
    return replace(service, store=open_store(settings.store.folder, clock, settings.store))


def warm_up(service: Service) -> None:
    """Assesses nobody once, so that the first patient does not wait for what is made on demand."""
    nothing_found = dict.fromkeys(PREFETCH_TEMPLATES, msgspec.Raw(b"null"))
    with suppress(RequiredDataMissingError):
        assess("nobody", nothing_found, service.rulebook, service.clock(), Occasion("patient-view"))
