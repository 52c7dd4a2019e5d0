"""The facts that plans may use: each with its type, unit and meaning, one module an area.

Names read `area.fact`. A fact that counts days is positive in the future (`daysToAlarm` 3: in three
days; 0: today; negative: past). `AtLatest` is the same for the latest day a partial date can mean;
critical advice needs it, so that half a date never alarms on its own.
"""

from cds_service.therapy.vocabulary import (
    battery,
    candidate,
    data,
    delivery,
    follow_up,
    infection,
    orders,
    pump,
    recovery,
    refill,
    symptoms,
)

_DECLARED = (
    *pump.FACTS,
    *delivery.FACTS,
    *refill.FACTS,
    *battery.FACTS,
    *infection.FACTS,
    *recovery.FACTS,
    *orders.FACTS,
    *follow_up.FACTS,
    *symptoms.FACTS,
    *candidate.FACTS,
    *data.FACTS,
)

FACTS = {definition.name: definition for definition in _DECLARED}
"""Every fact, by name."""

THRESHOLDS = (
    *delivery.THRESHOLDS,
    *refill.THRESHOLDS,
    *battery.THRESHOLDS,
    *infection.THRESHOLDS,
    *recovery.THRESHOLDS,
    *orders.THRESHOLDS,
    *follow_up.THRESHOLDS,
    *symptoms.THRESHOLDS,
    *candidate.THRESHOLDS,
)
"""Thresholds of the plans that the arithmetic needs; the start is refused when a plan lacks one."""
