"""What the observations of a chart say, as it is gathered, and how one observation is read."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cds_service.fhir.chart import Chart
from cds_service.fhir.elements import Observation
from cds_service.therapy.calendar import When
from cds_service.therapy.record import DoseStatement, Reading
from cds_service.therapy.signs import SignReading, VitalReading

KEY = "observations"


@dataclass(slots=True)
class Readings:
    """Everything the observations say; each list in the order of the search."""

    doses: list[DoseStatement] = field(default_factory=list)
    values: dict[str, list[Reading[Any]]] = field(default_factory=lambda: defaultdict(list))
    signs: list[SignReading] = field(default_factory=list)
    temperatures: list[Reading[Decimal]] = field(default_factory=list)
    vitals: list[VitalReading] = field(default_factory=list)


Reader = Callable[[Chart, Observation, When, Readings], None]
"""Reads one observation of a known date into the readings."""
