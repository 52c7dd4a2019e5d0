"""Days and partial days: what a recorded date can mean, and calendar months.

A date-only value is a day in the site's zone and never becomes midnight UTC.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta

from msgspec import Struct


class When(Struct, frozen=True):
    """A recorded date as the interval of days it can mean.

    `first` and `last` are days in the site's zone, equal for a full date; `instant` is the moment
    itself (aware) when the record gives a time of day.
    """

    first: date
    last: date
    instant: datetime | None = None

    @property
    def is_day(self) -> bool:
        """True when the record names one day."""
        return self.first == self.last

    def capped(self, today: date) -> "When":
        """The same, when the thing has happened: a month still running ends today."""
        if self.last <= today or self.first > today:
            return self
        return When(self.first, today, self.instant)

    def is_after(self, other: "When") -> bool:
        """True when this certainly lies after the other: a later day, or later the same day."""
        if self.first > other.last:
            return True
        return (
            self.first == other.last
            and self.instant is not None
            and other.instant is not None
            and self.instant > other.instant
        )

    def __str__(self) -> str:
        if self.is_day:
            return day_text(self.first)
        if (self.first.year, self.first.month) == (self.last.year, self.last.month):
            return f"{_MONTHS[self.first.month - 1]} {self.first.year}"
        return f"{day_text(self.first)} to {day_text(self.last)}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(value: date) -> When:
    """One full day."""
    return When(value, value)


def day_text(value: date) -> str:
    """The date as `5 Apr 2026`: the same in every country."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def earliest(*dates: When) -> When:
    """The earliest of several dates, on the first day they can mean and on the last."""
    return When(min(when.first for when in dates), min(when.last for when in dates))


def add_months(start: date, months: int) -> date:
    """The same day some calendar months later or earlier; the month's last day where it has none.

    31 Aug 2026 and six months give 28 Feb 2027.
    """
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    if not date.min.year <= year <= date.max.year:
        return date.min if months < 0 else date.max
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def add_days(start: date, days: int) -> date:
    """The day some days later or earlier; the calendar's end instead of an overflow."""
    try:
        return start + timedelta(days=days)
    except OverflowError:
        return date.min if days < 0 else date.max


def whole_months_between(start: date, end: date) -> int:
    """Completed calendar months from start to end, by the rule of `add_months`."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1
