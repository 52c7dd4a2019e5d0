"""How a chart is opened in the demo EHR: the day, and the failing data sources."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from werkzeug.datastructures import MultiDict

from cds_service.demo_clinic.chart import PREFETCH_KEYS
from cds_service.demo_clinic.prefetch import Failure, Faults

FIRST_DAY, LAST_DAY = -30, 240
"""How far the day can be moved, in days from today."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the address of a chart says."""

    offset: int = 0
    faults: Faults = field(default_factory=Faults)

    def instant(self, now: datetime) -> datetime:
        """The moment the chart is opened at; `now` is in the clinic's zone, whose days count."""
        return now + timedelta(days=self.offset)

    def day(self, now: datetime) -> date:
        """The day the chart is opened on."""
        return self.instant(now).date()

    def fields(self, *, without: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
        """The same as form fields, so that a form keeps what it does not change."""
        fields = [("day", str(self.offset))] if self.offset else []
        fields += [("off", key) for key in PREFETCH_KEYS if key in self.faults.unplugged]
        if self.faults.failure is not Failure.NOT_SENT:
            fields.append(("how", str(self.faults.failure)))
        if self.faults.is_dose_in_ml:
            fields.append(("ml", "1"))
        return [(name, value) for name, value in fields if name not in without]


def read_opening(values: MultiDict[str, str]) -> Opening:
    """The opening that an address or a form asks for; the unknown is left at its default."""
    unplugged = frozenset(values.getlist("off")) & PREFETCH_KEYS.keys()
    failure = Failure.ERROR if values.get("how") == Failure.ERROR else Failure.NOT_SENT
    return Opening(
        offset=_offset(values.get("day", "0")),
        faults=Faults(unplugged, failure, values.get("ml") == "1"),
    )


def _offset(text: str) -> int:
    try:
        return max(FIRST_DAY, min(LAST_DAY, int(text)))
    except ValueError:
        return 0
