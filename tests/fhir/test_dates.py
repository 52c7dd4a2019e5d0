"""FHIR dates to days of the site."""

import contextlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.errors import DateError
from cds_service.fhir.dates import read_when

ZONES = [
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Asia/Dubai",
    "Europe/Moscow",
    "Africa/Cairo",
    "Europe/Helsinki",
    "Europe/Berlin",
    "Europe/London",
    "UTC",
    "Atlantic/Azores",
    "America/Noronha",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Halifax",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "Pacific/Marquesas",
    "Pacific/Pago_Pago",
    "Etc/GMT+12",
    "America/Caracas",
]
EDGES = [
    "2026-03-08T06:59:59Z",
    "2026-11-01T05:30:00Z",
    "2026-12-31T23:59:59Z",
    "2028-02-29T00:00:00Z",
    "2026-06-30T12:00:00+14:00",
    "2026-06-30T12:00:00-12:00",
]


def test_there_are_zones_enough_to_check():
    assert len(ZONES) >= 30


def offset_day(moment: datetime, zone: str) -> date:
    """The day by UTC and the zone's offset, without converting the moment itself."""
    offset = ZoneInfo(zone).utcoffset(moment.astimezone(ZoneInfo(zone)))
    assert offset is not None
    return (moment.astimezone(UTC).replace(tzinfo=None) + offset).date()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("text", EDGES)
def test_an_instant_falls_on_the_day_of_the_site(zone: str, text: str):
    when = read_when(text, ZoneInfo(zone))
    assert when.is_day
    assert when.first == offset_day(datetime.fromisoformat(text), zone)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("on", ["2026-03-08", "2026-11-01", "2028-02-29", "2026-12-31"])
def test_a_date_is_the_same_day_in_every_zone(zone: str, on: str):
    when = read_when(on, ZoneInfo(zone))
    assert (when.first, when.last, when.instant) == (date.fromisoformat(on),) * 2 + (None,)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("seconds", "days_later"), [(-1, -1), (0, 0), (1, 0)], ids=["before", "at", "after"]
)
def test_a_second_decides_at_midnight(zone: str, seconds: int, days_later: int):
    midnight = datetime(2026, 6, 15, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    text = (midnight + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
    expected = date(2026, 6, 15) + timedelta(days=days_later)
    assert read_when(text, ZoneInfo(zone)).first == expected


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_a_time_without_zone_is_the_sites_own(zone: str):
    when = read_when("2026-06-15T23:30:00", ZoneInfo(zone))
    assert when.first == date(2026, 6, 15)
    assert when.instant == datetime(2026, 6, 15, 23, 30, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11", "2026-11-01", "2026-11-30"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2028-02", "2028-02-01", "2028-02-29"),
        ("2026-12", "2026-12-01", "2026-12-31"),
    ],
)
def test_a_month_is_an_interval(text: str, first: str, last: str):
    when = read_when(text, ZoneInfo("UTC"))
    assert (when.first, when.last) == (date.fromisoformat(first), date.fromisoformat(last))


def test_a_year_alone_is_unknown():
    with pytest.raises(DateError, match="gives only a year"):
        read_when("2026", ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("text", "day"),
    [("2016-12-31T23:59:60Z", "2016-12-31"), ("2016-12-31T18:59:60.5-05:00", "2016-12-31")],
)
def test_a_leap_second_still_belongs_to_its_day(text: str, day: str):
    assert read_when(text, ZoneInfo("UTC")).first == date.fromisoformat(day)


def test_a_moment_of_an_hour_that_comes_twice_or_never_is_still_that_day():
    new_york = ZoneInfo("America/New_York")
    assert read_when("2026-03-08T02:30:00", new_york).first == date(2026, 3, 8)
    assert read_when("2026-11-01T01:30:00", new_york).first == date(2026, 11, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13-01",
        "2026-02-30",
        "2026-00",
        "2027-02-29",
        "07/14/26",
        "20260714",
        "2026-7-14",
        "2026-07-14 10:00",
        "2026-07-14T25:00:00Z",
        "2026-07-14T10:00:00+99:00",
        "0000-01-01",
        "２０２６-01-05",
        "2026-01-05\n",
        "2026-W02",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "x" * 5000,
    ],
)
def test_what_is_no_fhir_date_is_refused(text: str):
    with pytest.raises(DateError) as refused:
        read_when(text, ZoneInfo("UTC"))
    assert len(str(refused.value)) < 100


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str):
    with contextlib.suppress(DateError):
        read_when(text, ZoneInfo("America/New_York"))
