"""Signs, symptoms and vital signs from Observations."""

import re
from decimal import Decimal

from cds_service.fhir.chart import Chart, evidence
from cds_service.fhir.concepts import words
from cds_service.fhir.elements import Observation
from cds_service.fhir.readings import KEY, NO_RULE, NO_RULE_SHOWN_FOR, Reader, Readings
from cds_service.therapy import units
from cds_service.therapy.calendar import When
from cds_service.therapy.quantities import plain
from cds_service.therapy.record import Reading, Sign, SignReading

_QUALIFIER = re.compile(r"\s*\([^)]*\)$")
_YES = re.compile(r"^(yes|y|true|present|positive|1)\b", re.I)
_NO = re.compile(r"^(no|n|none|false|absent|not present|negative|denies|denied|without|0)\b", re.I)
_NO_READING = re.compile(
    r"^(not|un)\s?-?(assess|exam|done|known|record|test|applic|able|sure)"
    r"|^(no|not) (increas|wors|more)",
    re.I,
)
_INCREASING = re.compile(
    r"(?<!not )(?<!no )(?<!nor )(?<!without )\b(increas|worse|more severe|new pain)", re.I
)


def read_temperature(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
    """Adds a body temperature, in degrees Celsius."""
    celsius = chart.measured(KEY, found, found.valueQuantity, units.celsius, "the temperature")
    if celsius is not None and not Decimal(20) <= celsius <= Decimal(46):
        chart.report(KEY, found, f"a temperature of {plain(celsius)} °C cannot be; not used")
    elif celsius is not None:
        proof = evidence(found, f"temperature {plain(celsius)} °C", when)
        readings.temperatures.append(Reading(celsius, when, proof))


def _sign_reader(sign: Sign) -> Reader:
    def read(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
        present = _yes_or_no(found)
        if present is None:
            chart.report(KEY, found, f"{sign.value}: neither present nor absent; not used")
            return
        told = " / ".join(
            [found.valueString or "", words(found.valueCodeableConcept)]
            + [words(concept) for concept in found.interpretation]
            + [note.text or "" for note in found.note]
        )
        says = f"{sign.value.replace('-', ' ')}: {'present' if present else 'absent'}"
        if sign is Sign.SKIN_BREAKDOWN and present and when.last >= chart.today - NO_RULE_SHOWN_FOR:
            chart.report(KEY, found, f"{when}: skin breakdown over pump or catheter, {NO_RULE}")
        increasing = bool(_INCREASING.search(told))
        readings.signs.append(
            SignReading(sign, present, when, evidence(found, says, when), increasing)
        )

    return read


def _yes_or_no(found: Observation) -> bool | None:
    """True for present, False for asked and absent, None when the record says neither."""
    if found.valueBoolean is not None:
        return found.valueBoolean
    concept = found.valueCodeableConcept
    told = [found.valueString, concept and concept.text]
    told += [coding.display for coding in (concept.coding if concept else ())]
    said = {_said(_QUALIFIER.sub("", text.strip())) for text in told if text}
    return said.pop() if len(said) == 1 else None


def _said(text: str) -> bool | None:
    if _NO_READING.search(text):
        return None
    if _NO.search(text):
        return False
    return True if _YES.search(text) or _INCREASING.search(text) else None


SIGN_READERS = {sign: _sign_reader(sign) for sign in Sign}
"""How each sign is read."""
