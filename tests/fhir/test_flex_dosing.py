"""Several rates a day (R8): summed where each says its hours and they make a day."""

import pytest

from cds_service.fhir.fills import read_prescribed_doses
from tests.fhir.builders import (
    INTRATHECAL,
    Json,
    a_chart,
    a_prescription,
    problems,
    quantity,
    source,
)


def part(mcg_per_hour: float, hours: float | None, **repeat: object) -> Json:
    told = {"duration": hours, "durationUnit": "h", **repeat}
    timing = {"repeat": told} if hours is not None else None
    rate = [{"rateQuantity": quantity(mcg_per_hour, "mcg/h", "ug/h")}]
    found = {"route": INTRATHECAL, "timing": timing, "doseAndRate": rate}
    return {name: value for name, value in found.items() if value is not None}


def read(*parts: Json) -> tuple[list[str], list[str], list[str]]:
    chart = a_chart()
    sent = source("medicationRequests", a_prescription(dosageInstruction=list(parts)))
    stated = read_prescribed_doses(chart, sent)
    return (
        [str(found.dose) for found in stated],
        [found.evidence.rung for found in stated],
        problems(chart),
    )


def test_r8_is_138_mcg_a_day():
    """5 mcg/h for 18 h + 8 mcg/h for 6 h = 90 + 48; not 13 x 24, not 6.5 x 24."""
    assert read(part(5, 18), part(8, 6)) == (
        ["138 mcg/day"],
        ["sum of the dosage instructions"],
        [],
    )


@pytest.mark.parametrize(
    ("parts", "dose"),
    [
        ([part(5, 18, frequency=1, period=1, periodUnit="d"), part(8, 6)], "138 mcg/day"),
        ([part(5, 6, frequency=3, period=1, periodUnit="d"), part(8, 6)], "138 mcg/day"),
        ([part(5, 1080, durationUnit="min"), part(8, 6)], "138 mcg/day"),
        ([part(4, 8), part(5, 8), part(6, 8)], "120 mcg/day"),
    ],
    ids=["daily", "three times a day", "minutes", "three rates"],
)
def test_hours_are_read_as_they_are_written(parts: list[Json], dose: str):
    assert read(*parts)[0] == [dose]


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ([part(5, 18), part(8, 5)], "cover 23 of 24 hours"),
        ([part(5, 18), part(8, 7)], "cover 25 of 24 hours"),
        ([part(5, 18), part(8, None)], "not for how many hours each"),
        ([part(5, None), part(8, None)], "not for how many hours each"),
        ([part(5, 18), part(8, 6, period=1, periodUnit="wk")], "hours a day are not plain"),
        ([part(5, 18), part(8, 6, durationMax=8)], "not for how many hours each"),
        ([part(5, 18), part(8, 6, durationUnit="d")], "cover 162 of 24 hours"),
    ],
)
def test_what_does_not_make_a_day_is_refused_and_said(parts: list[Json], why: str):
    doses, _, told = read(*parts)
    assert doses == ["None"]
    assert why in told[0]
