"""Which observations concern ITB therapy, and how far back they are read."""

from collections import defaultdict
from datetime import date, timedelta

from cds_service.fhir.chart import Chart, start_of
from cds_service.fhir.concepts import codes, words
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import Observation
from cds_service.fhir.pump_readings import PUMP_READERS
from cds_service.fhir.readings import KEY, Reader, Readings
from cds_service.fhir.signs import (
    SIGN_READERS,
    read_severe_pain,
    read_temperature,
    read_worse_spasticity,
)
from cds_service.fhir.spasticity import read_ashworth
from cds_service.fhir.terminology.findings import (
    BODY_TEMPERATURE,
    SIGN_CODES,
    SIGN_CODES_AT_SITE,
    SIGN_CODES_IF_SEVERE,
    SIGN_CODES_IF_WORSE,
    WOUND_SITE,
)
from cds_service.fhir.terminology.spasticity import ASHWORTH_SCALE
from cds_service.fhir.terminology.systems import PUMP_OBSERVATION, Code
from cds_service.fhir.vital_signs import GLASGOW_READER, VITAL_READERS

_FINAL = {"final", "amended", "corrected"}
_NOT_FINAL = {"registered", "preliminary", "cancelled", "entered-in-error", "unknown"}


def read_observations(
    chart: Chart, source: Source[Observation], last_fill: date | None
) -> Readings:
    """The readings that concern ITB therapy; all others are passed over.

    Of each pump value those since the last fill are read and the newest before it: older ones
    decide nothing any more. Signs and vital signs are read as far back as any plan looks.
    """
    readings = Readings()
    values: dict[Reader, list[tuple[str, Observation]]] = defaultdict(list)
    oldest = {reader: (chart.today - kept).isoformat() for reader, kept in _KEPT_FOR.items()}
    for found in chart.own(source, Observation, lambda observation: observation.subject):
        if found.status in _NOT_FINAL:
            continue
        reader = _reader_of(chart, found)
        if reader is None or (reader in _OF_A_PUMP and _is_of_other_pump(chart, found)):
            continue
        date_text = _date_text(found)
        if reader in _SUPERSEDED:
            values[reader].append((date_text, found))
        elif date_text[:_DAY] >= oldest.get(reader, "") or len(date_text) < _DAY:
            _read_one(chart, found, reader, readings)
    since = last_fill.isoformat() if last_fill else ""
    for reader, dated in values.items():
        for found in _still_telling(dated, since):
            _read_one(chart, found, reader, readings)
    return readings


def _is_of_other_pump(chart: Chart, found: Observation) -> bool:
    """True for a reading of a pump that is not in place any more."""
    if not chart.other_pumps or found.device is None or not found.device.reference:
        return False
    return found.device.reference.split("/_history/")[0].rsplit("/", 1)[-1] in chart.other_pumps


def _reader_of(chart: Chart, found: Observation) -> Reader | None:
    for code in codes(found.code):
        reader = _reader(code, found)
        if reader is not None:
            return reader
    if "code" in found.unreadable:
        chart.report(KEY, found, "code cannot be read as FHIR R4")
    return None


def _still_telling(dated: list[tuple[str, Observation]], since: str) -> list[Observation]:
    """Those dated since that day, and all of the newest earlier day; undated ones too."""
    earlier = [text[:_DAY] for text, _ in dated if text and text[:_DAY] < since]
    from_day = max(earlier, default="")
    return [found for text, found in dated if not text or text[:_DAY] >= from_day]


def _date_text(found: Observation) -> str:
    text = found.effectiveDateTime or found.effectiveInstant
    return start_of(text, found.effectivePeriod) or ""


_DAY = len("2026-11-22")


def _read_one(chart: Chart, found: Observation, reader: Reader, readings: Readings) -> None:
    if found.status not in _FINAL:
        chart.report(KEY, found, "has no status that is known; not used")
        return
    if found.unreadable:
        parts = ", ".join(found.unreadable)
        chart.report(KEY, found, f"{parts} cannot be read as FHIR R4")
    when = chart.when(KEY, found, _date_text(found), "a pump reading or sign")
    if when is not None:
        reader(chart, found, when, readings)


def _reader(code: Code, found: Observation) -> Reader | None:
    system, name = code
    if code in _BY_CODE:
        return _BY_CODE[code]
    if code in SIGN_CODES_AT_SITE:
        told = " / ".join((words(found.bodySite), words(found.code)))
        return SIGN_READERS[SIGN_CODES_AT_SITE[code]] if WOUND_SITE.search(told) else None
    if name == ASHWORTH_SCALE and system == PUMP_OBSERVATION:
        return read_ashworth
    return PUMP_READERS.get(name) if system == PUMP_OBSERVATION else None


_BY_CODE: dict[Code, Reader] = {
    **dict.fromkeys(BODY_TEMPERATURE, read_temperature),
    **VITAL_READERS,
    **{code: SIGN_READERS[sign] for code, sign in SIGN_CODES.items()},
    **dict.fromkeys(SIGN_CODES_IF_SEVERE, read_severe_pain),
    **dict.fromkeys(SIGN_CODES_IF_WORSE, read_worse_spasticity),
}
_OF_A_PUMP = frozenset(PUMP_READERS.values())
_SUPERSEDED = frozenset(reader for name, reader in PUMP_READERS.items() if name != "pump-alarm")
_KEPT_FOR: dict[Reader, timedelta] = {
    **dict.fromkeys(VITAL_READERS.values(), timedelta(days=8)),
    **dict.fromkeys((read_temperature, GLASGOW_READER), timedelta(days=31)),
    read_ashworth: timedelta(days=400),
    **dict.fromkeys(SIGN_READERS.values(), timedelta(days=400)),
    **dict.fromkeys((read_severe_pain, read_worse_spasticity), timedelta(days=31)),
}
"""No plan looks further back for these; an inpatient can have thousands."""
