"""F12: the day of a refill in 32 zones at 12 edges, against offsets written down by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cds_service.fhir.dates import read_when
from tests.assessment.builders import a_chart, assessed, prefetch
from tests.fhir.builders import an_administration
from tests.oracle.zone_offsets import ZONES, day_in

INSTANTS = {
    "before the clocks go forward in New York": "2026-03-08T06:59:59Z",
    "the clocks go forward in New York": "2026-03-08T07:00:00Z",
    "before the clocks go back in New York": "2026-11-01T05:59:59Z",
    "the clocks go back in New York": "2026-11-01T06:00:00Z",
    "before the clocks go forward in Europe": "2026-03-29T00:59:59Z",
    "the clocks go back in Europe": "2026-10-25T01:00:00Z",
    "leap day": "2028-02-29T00:00:00Z",
    "the last second of the year": "2026-12-31T23:59:59Z",
    "an offset of 14 hours": "2026-06-30T12:00:00+14:00",
    "an offset of -12 hours": "2026-06-30T12:00:00-12:00",
}
LOCAL = {"a date alone": "2026-03-08", "a time without zone": "2026-03-29T02:30:00"}
NOON_AFTER = timedelta(days=2)


def filled(text: str, now: datetime, zone: str) -> date:
    chart = a_chart(medicationAdministrations=[an_administration(effectiveDateTime=text)])
    found = assessed(prefetch(chart), now.isoformat(), zone)
    assert found.record.issues == ()
    (fill,) = found.record.fills
    return fill.when.first


def test_there_are_zones_enough():
    assert len(ZONES) >= 30
    assert len(INSTANTS) + len(LOCAL) == 12


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("edge", INSTANTS)
def test_a_refill_falls_on_the_day_it_was_at_the_site(zone: str, edge: str):
    moment = datetime.fromisoformat(INSTANTS[edge])
    assert filled(INSTANTS[edge], moment + NOON_AFTER, zone) == day_in(zone, moment)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("edge", LOCAL)
def test_what_names_no_zone_is_the_sites_own_day(zone: str, edge: str):
    text = LOCAL[edge]
    now = datetime.fromisoformat(f"{text[:10]}T12:00:00+00:00") + NOON_AFTER
    assert filled(text, now, zone) == date.fromisoformat(text[:10])


@pytest.mark.parametrize("zone", ZONES)
def test_every_hour_of_two_years_falls_on_its_day(zone: str):
    """Each hour in turn, so that no change of the clocks is missed; Egypt's are not known here."""
    start = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
    for hours in range(0, 2 * 365 * 24, 7):
        moment = start + timedelta(hours=hours)
        text = moment.isoformat().replace("+00:00", "Z")
        assert read_when(text, ZoneInfo(zone)).first == day_in(zone, moment), text
