"""What is about to be ordered, against the therapy: MRI, depressants, stops, other drugs."""

from collections.abc import Iterable
from datetime import datetime

from cds_service.therapy.cycle import Cycle, Thresholds
from cds_service.therapy.dose_step import dose_facts
from cds_service.therapy.fact import absent, known
from cds_service.therapy.record import (
    DrugClass,
    OrderKind,
    ProposedOrder,
    TherapyRecord,
)
from cds_service.therapy.recovery import NamedFacts

_MOST_NAMES = 2
_MAKES = {
    "pumpIsPrometra": ("Prometra", "Prometra II"),
    "pumpIsSynchromedTwo": ("SynchroMed II",),
    "pumpIsSynchromedThree": ("SynchroMed III",),
}


def order_facts(
    record: TherapyRecord, cycle: Cycle | None, thresholds: Thresholds, now: datetime
) -> NamedFacts:
    """Every `order.*` fact; `record` holds only what belongs to the present pump."""
    yield from _mri_facts(record, cycle)
    yield from _depressant_facts(record)
    yield from _named("stopsTherapy", "stopName", _of(record, OrderKind.THERAPY_STOP))
    stops = _of(record, OrderKind.ORAL_BACLOFEN_STOP)
    yield "order.stopsOralBaclofen", known(bool(stops), *(found.evidence for found in stops))
    others = _of(record, OrderKind.OTHER_INTRATHECAL_DRUG)
    yield from _named("otherDrug", "otherDrugName", others)
    yield from dose_facts(record, cycle, thresholds, now)


def _of(record: TherapyRecord, kind: OrderKind) -> list[ProposedOrder]:
    found = [order for order in record.proposed_orders if order.kind is kind]
    return sorted(found, key=lambda order: (order.name, order.evidence.reference))


def _named(is_there: str, name: str, found: list[ProposedOrder]) -> NamedFacts:
    proof = [order.evidence for order in found]
    yield f"order.{is_there}", known(bool(found), *proof)
    yield (
        f"order.{name}",
        known(found[0].name, *proof) if found else absent("no such order is drafted"),
    )


def _mri_facts(record: TherapyRecord, cycle: Cycle | None) -> NamedFacts:
    yield from _named("mri", "mriName", _of(record, OrderKind.MRI))
    for fact, names in _MAKES.items():
        found = [pump for pump in record.pumps if pump.model and pump.model.name in names]
        yield f"order.{fact}", known(bool(found), *(pump.evidence for pump in found))
    alarms = [
        reading
        for reading in record.alarms
        if reading.value and (cycle is None or reading.when.is_after(cycle.fill.when))
    ]
    yield "order.pumpAlarming", known(bool(alarms), *(reading.evidence for reading in alarms))
    newest = max((reading.when.first for reading in alarms), default=None)
    yield "order.pumpAlarmDate", known(newest) if newest else absent("no alarm is recorded")


def _depressant_facts(record: TherapyRecord) -> NamedFacts:
    """New ones only: what the patient takes already is no news to its prescriber."""
    taken = {
        use.name
        for use in record.drug_uses
        if use.drug_class is DrugClass.CNS_DEPRESSANT and use.stopped is None
    }
    found = [order for order in _of(record, OrderKind.CNS_DEPRESSANT) if order.name not in taken]
    proof = [order.evidence for order in found]
    yield "order.depressant", known(bool(found), *proof)
    names = _few(dict.fromkeys(order.name for order in found))
    yield "order.depressants", known(names, *proof) if names else absent("none is drafted")


def _few(names: Iterable[str]) -> str:
    told = list(names)
    more = len(told) - _MOST_NAMES
    return ", ".join(told[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
