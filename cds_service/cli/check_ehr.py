"""`itb-cds check` for the EHR's side: keys, reachability, and one real patient's facts."""

from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5

from msgspec import Raw

from cds_service import CANONICAL_BASE
from cds_service.assessment import Assessment, Occasion, assess
from cds_service.cds_hooks.contexts import HookContext
from cds_service.cds_hooks.request import HookRequest
from cds_service.cli.explain import explanation
from cds_service.ehr.caller import TrustedClients
from cds_service.ehr.reader import EhrReader
from cds_service.errors import RequiredDataMissingError, SettingsError
from cds_service.settings import Client, Settings, access_token
from cds_service.web import Service
from cds_service.web.record_reading import RecordReading
from cds_service.web.service import rulebook_for

HOOK = "patient-view"
SECONDS = 10.0
"""Nobody waits at a chart: the EHR gets more time than a hook would give it."""


def client_lines(settings: Settings) -> Iterator[tuple[bool, str]]:
    """For each client whether its keys and its FHIR servers can be used, in words."""
    if not settings.clients:
        yield True, "EHR reachability: not configured"
        return
    trusted = TrustedClients(settings.clients)
    with ThreadPoolExecutor() as pool:
        for client in settings.clients:
            trouble = trusted.keys[client.name].look()
            yield not trouble, f"client {client.name}: keys: {trouble or 'usable'}"
            reader = EhrReader(client, pool, settings.most_entries)
            for server in client.fhir_servers:
                answer = reader.reachable(server, access_token(client), SECONDS)
                yield answer == "answers", f"client {client.name}: {server}: {answer}"


def check_patient(options: Namespace, service: Service) -> int:
    """Prints which facts were found for one patient, from where, and what was not; 1 if any lack.

    Raises SettingsError when no client with a FHIR server fits.
    """
    client = _client(service.settings, options.client)
    settings = replace(service.settings, ehr_deadline_seconds=SECONDS)
    rulebook = rulebook_for(service, client)
    now = service.clock()
    call = HookRequest(
        hook=HOOK,
        hook_instance=str(uuid5(NAMESPACE_URL, f"{CANONICAL_BASE}/check")),
        context=HookContext(patient_id=options.patient, user_id="Practitioner/check"),
        prefetch=dict[str, Raw](),
        fhir_server=client.fhir_servers[0],
        access_token=access_token(client),
    )
    print(f"patient: read from {client.fhir_servers[0]} as client {client.name}")
    try:
        found, completed = RecordReading(settings, rulebook).assessed(
            call,
            client,
            lambda prefetch: assess(options.patient, prefetch, rulebook, now, Occasion(HOOK)),
        )
    except RequiredDataMissingError as error:
        print(f"nothing can be said: {error}")
        return 1
    for key, answer in completed.answers.items():
        told = answer.reading.unread or "read"
        print(f"  {key}: {told} ({answer.status}, {answer.seconds * 1000:.0f} ms)")
    for line in explanation(found, rulebook.plans, HOOK):
        print(line)
    return _lacks(found)


def _client(settings: Settings, name: str | None) -> Client:
    readable = [client for client in settings.clients if client.fhir_servers]
    fitting = [client for client in readable if name in (None, client.name)]
    if len(fitting) != 1:
        names = ", ".join(client.name for client in readable) or "none"
        raise SettingsError(
            f"--client: found {name or 'no name'}, expected one of the clients with fhir_servers: "
            f"{names}. Name one, or add fhir_servers to it in {settings.origin}."
        )
    return fitting[0]


def _lacks(found: Assessment) -> int:
    return 1 if found.record.unread or found.record.issues else 0
