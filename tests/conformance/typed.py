"""What people type and do, as the FHIR we keep of it: readings, refills told of, audit."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from cds_service.fhir.audit_event import Act, audit_event
from cds_service.fhir.typed_records import (
    Typist,
    entered_in_error,
    told_refill,
    typed_records,
)
from cds_service.therapy.quantities import (
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
)
from cds_service.therapy.record import Alarm
from cds_service.therapy.typed_reading import TypedReading

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
_TYPIST = Typist("Kim Coordinator, Care coordinator", AT, "7a1bb0f2-6a58-4f40-8b17-0c4d9c1b6d11")
_TYPED = TypedReading(
    taken_at=AT,
    model="8637-20",
    is_refill=True,
    filled=Millilitres(Decimal("18.5")),
    concentration=MicrogramsPerMillilitre(Decimal(500)),
    daily_dose=MicrogramsPerDay(Decimal("210.4")),
    bridge_bolus=False,
    residual_expected=Millilitres(Decimal(3)),
    residual_aspirated=Millilitres(Decimal(4)),
    alarm_volume=Millilitres(Decimal(2)),
    alarm_date=date(2027, 1, 3),
    months_to_eri=Decimal(20),
    alarms=frozenset(Alarm),
)
_PROFILES = {"Observation": "itb-pump-reading", "MedicationAdministration": "itb-refill"}


def typed() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Name, resource and profile of everything that people type in; also withdrawn."""
    records = typed_records(_TYPED, "example", _TYPIST)
    told = told_refill(AT.date(), "example", _TYPIST, Decimal(20))
    unknown = told_refill(AT.date(), "example", _TYPIST)
    groups = {
        "typed": records,
        "withdrawn": [entered_in_error(each) for each in records],
        "told": told,
        "told-without-volume": unknown,
    }
    for name, found in groups.items():
        for record in found:
            profile = _PROFILES[record["resourceType"]] if "meta" in record else ""
            yield f"{name}/{record['id']}", record, profile


def audited() -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and AuditEvent of each kind of act."""
    for outcome in ("done", "refused", "failed"):
        for patient in ("", "example"):
            act = Act("R", "worklist", "idp/kim", "Kim", "coordinator", AT, patient, outcome)
            yield f"audit/{outcome}-{patient or 'nobody'}", audit_event(act, "https://cds.example")
