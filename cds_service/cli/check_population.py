"""`itb-cds check` for the worklist's side: the token, who the patients are, and one record."""

from collections.abc import Iterator
from dataclasses import replace

from cds_service.app.population import Readable, readable
from cds_service.errors import NotObtainedError
from cds_service.fhir.decoding import Reading
from cds_service.store.open_store import open_store
from cds_service.therapy.calendar import day_text
from cds_service.web import Service


def population_lines(service: Service) -> Iterator[tuple[bool, str]]:
    """What was found of the worklist's patients, in words that name nobody; nothing is kept.

    Raises SettingsError when a key cannot be used.
    """
    # What is found must not be written into the site's own store.
    found = readable(replace(service, store=open_store(None, service.clock)))
    if found is None:
        yield True, "population: not configured, so there is no worklist"
        return
    name = f"population {found.source.name}"
    try:
        yield from ((is_good, f"{name}: {line}") for is_good, line in _lines(found))
    except NotObtainedError as fault:
        yield False, f"{name} {fault}"


def _lines(found: Readable) -> Iterator[tuple[bool, str]]:
    if found.service.settings.population.client_id:
        found.tokens.token()
        is_whole = not found.tokens.not_granted
        yield True, f"access token given{', with all that was asked for' if is_whole else ''}"
    patients = found.source.cohort()
    yield bool(patients), f"{len(patients)} patient{'s' if len(patients) != 1 else ''}"
    for remark in found.source.remarks():
        yield False, remark
    if patients:
        chart = found.source.chart(patients[0])
        unread = {key: sent.unread for key, sent in chart.items() if isinstance(sent, Reading)}
        gaps = [f"{key}: {why}" for key, why in unread.items() if why]
        yield not gaps, f"the first record: {'; '.join(gaps) or 'read in full'}"
    exported_at = found.source.as_of()
    if exported_at is not None:
        here = exported_at.astimezone(found.service.settings.time_zone)
        yield True, f"exported {day_text(here.date())}, {here:%H:%M %Z}"
