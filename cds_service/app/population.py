"""The site's patients: where they come from, and the thread that reads them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event

from cds_service.cds_hooks.queries import templates
from cds_service.coordination.alarms import LastRefresh, refresh_alarm
from cds_service.ehr.backend_services import BackendServices, keys_of
from cds_service.ehr.record_writer import RecordWriter
from cds_service.ehr.web_client import WebClient
from cds_service.population.exported_patients import ExportedPatients
from cds_service.population.fhir_patients import FhirPatients
from cds_service.population.reading_sending import send_readings
from cds_service.population.refresh import Manner, refresh
from cds_service.population.refresher import Refresher
from cds_service.population.source import PatientSource
from cds_service.population.task_sending import send_tasks
from cds_service.settings import Settings
from cds_service.settings.population import check_population
from cds_service.store.open_store import Store
from cds_service.store.refresh_ledger import Refresh, RefreshLedger, RefreshState
from cds_service.store.work_ledger import NO_CLIENTS
from cds_service.web import Service


@dataclass(frozen=True, slots=True)
class Readable:
    """A service's patients: where they come from, and where what follows is kept."""

    service: Service
    source: PatientSource
    store: Store
    tokens: BackendServices

    def read(self, manner: Manner) -> Refresh:
        """Reads everybody once; then brings tasks and readings to the EHR, as the site wants it.

        Raises AlreadyUnderWayError, StoreError.
        """
        clock = self.service.machine_clock or self.service.clock
        rulebook = self.service.worklist_rulebook
        done = refresh(self.source, self.store, rulebook, clock, manner)
        if done.state is RefreshState.DONE:
            self._send(clock().astimezone(rulebook.time_zone))
        return done

    def _send(self, now: datetime) -> None:
        site, rulebook = self.service.settings.population, self.service.worklist_rulebook
        if not site.write_tasks and not site.write_readings:
            return
        web = WebClient(site.allow_private_network, site.ca_file)
        writer = RecordWriter(site.fhir_server, web, lambda: self.tokens.token() or "")
        if site.write_tasks:
            plans = {plan.id: plan.url for plan in rulebook.plans}
            send_tasks(self.store.work, writer, plans, now)
        if site.write_readings:
            send_readings(self.store.readings, writer)


def with_population(service: Service) -> Service:
    """The service with the patients that its settings name; as it was where they name none.

    Nothing is read yet. Raises SettingsError.
    """
    found = readable(service)
    if found is None:
        return service
    if service.fixed_clock:
        # What is read as of another day must not stand beside what is read today.
        return found.service
    refresher = Refresher(
        lambda is_over: found.read(manner_of(service.settings, is_over)),
        found.store.refreshes,
        timedelta(minutes=service.settings.population.refresh_minutes),
        service.machine_clock or service.clock,
    )
    return replace(found.service, refresher=refresher)


def readable(service: Service) -> Readable | None:
    """The patients that the settings name, and the service that has them; None without any.

    Raises SettingsError.
    """
    settings = service.settings
    site = settings.population
    check_population(site, settings.clients, settings.origin)
    if not site.source or service.store is None:
        return None
    tokens = BackendServices(site, keys_of(site), service.machine_clock or service.clock)
    source: PatientSource
    if site.source == "ndjson":
        tell = service.store.refreshes.note_step
        source = ExportedPatients(site, service.rulebook.site_codes, tell)
    else:
        source = _fhir_patients(settings, tokens)
    # Without a client of its own the patients are those of whoever calls unasked, if anybody may.
    mine = site.client or (None if settings.clients else "")
    served = replace(service, population=source, population_client=mine)
    return Readable(served, source, service.store, tokens)


def manner_of(settings: Settings, is_over: Event | None = None) -> Manner:
    """How the site's patients are read."""
    site = settings.population
    named = (site.client,) if site.client else ()
    clients = named or (() if settings.clients else NO_CLIENTS)
    return Manner(at_once=site.at_once, clients=clients, is_over=is_over or Event())


def alarm_of_refresh(service: Service, since: datetime) -> Callable[[datetime], str]:
    """What is wrong with the reading of the worklist at a moment; '' when nothing is."""
    store = service.store
    if service.refresher is None or store is None:
        return lambda _: ""
    interval = timedelta(minutes=service.settings.population.refresh_minutes)
    return lambda now: refresh_alarm(_last(store.refreshes, since), now, interval)


def _last(ledger: RefreshLedger, since: datetime) -> LastRefresh:
    latest, done = ledger.latest(), ledger.latest_done()
    has_failed = latest is not None and latest.state is RefreshState.FAILED
    failure = latest.says if latest and has_failed else ""
    return LastRefresh(done.ended_at if done else None, since, failure)


def _fhir_patients(settings: Settings, tokens: BackendServices) -> FhirPatients:
    site = settings.population
    client = next((each for each in settings.clients if each.name == site.client), None)
    queries = templates(client.dialect, client.templates) if client else templates()
    return FhirPatients(site, tokens, queries, settings.most_entries)
