"""Signs, symptoms and body temperature from Observations."""

import re
from decimal import Decimal

from cds_service.fhir.chart import Chart, evidence
from cds_service.fhir.concepts import codes, words
from cds_service.fhir.elements import Observation
from cds_service.fhir.readings import KEY, Reader, Readings
from cds_service.fhir.terminology.findings import MEDIUM_SIGNS
from cds_service.fhir.terminology.systems import Code
from cds_service.therapy import units
from cds_service.therapy.calendar import When
from cds_service.therapy.quantities import plain
from cds_service.therapy.record import Evidence, Reading
from cds_service.therapy.signs import Sign, SignReading

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

_SEVERE = re.compile(r"(?<!not )(?<!non-)(?<!no )\b(severe|unbearable|excruciating)", re.I)


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
        told = _told(found)
        increasing = bool(_INCREASING.search(told))
        proof = _proof(found, sign, present, when)
        leak = present and sounds_like_leak(sign, told)
        readings.signs.append(
            SignReading(sign, present, when, proof, increasing, suggests_leak=leak)
        )

    return read


def read_severe_pain(_: Chart, found: Observation, when: When, readings: Readings) -> None:
    """Adds severe discomfort, when pain is recorded as severe or as absent; milder pain is none."""
    is_absent = _yes_or_no(found) is False
    if is_absent or says_severe(_told(found)):
        proof = _proof(found, Sign.SEVERE_DISCOMFORT, not is_absent, when)
        readings.signs.append(SignReading(Sign.SEVERE_DISCOMFORT, not is_absent, when, proof))


def read_worse_spasticity(_: Chart, found: Observation, when: When, readings: Readings) -> None:
    """Adds increased spasticity, when the observation says worse: the patient always has some."""
    if _INCREASING.search(_told(found)):
        proof = _proof(found, Sign.SPASTICITY, True, when)
        readings.signs.append(SignReading(Sign.SPASTICITY, True, when, proof, increasing=True))


def says_severe(told: str) -> bool:
    """True when a text calls a finding severe."""
    return _SEVERE.search(told) is not None


def _proof(found: Observation, sign: Sign, present: bool, when: When) -> Evidence:
    says = f"{sign.value.replace('-', ' ')}: {'present' if present else 'absent'}"
    return evidence(found, says, when, rung_of(codes(found.code)))


def rung_of(found: list[Code]) -> str:
    """The rung to name on a card, when the sign was known by a code of medium confidence."""
    return "code of medium confidence" if not MEDIUM_SIGNS.isdisjoint(found) else ""


def _told(found: Observation) -> str:
    return " / ".join(
        [found.valueString or "", words(found.valueCodeableConcept)]
        + [words(concept) for concept in found.interpretation]
        + [note.text or "" for note in found.note]
    )


def sounds_like_leak(sign: Sign, told: str) -> bool:
    """True for drainage said to be clear, and for a headache said to be orthostatic."""
    pattern = _LEAK_WORDS.get(sign)
    return pattern is not None and pattern.search(told) is not None


_LEAK_WORDS = {
    Sign.DRAINAGE: re.compile(
        r"(?<!not )(?<!no )\b(?:clear|watery|CSF|spinal fluid|cerebrospinal)", re.I
    ),
    Sign.SEVERE_HEADACHE: re.compile(
        r"(?<!not )(?<!non-)(?<!no )\b(?:orthostatic|postural|positional)|"
        r"(?:when|on|after) (?:sitting|standing)|(?:relieved|better) (?:by|when|on) lying",
        re.I,
    ),
}


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
