"""A patient's prefetched resources to the therapy record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cds_service.fhir.appointments import read_appointments, read_orders
from cds_service.fhir.care_plans import read_recovery_plans
from cds_service.fhir.causes import read_causes
from cds_service.fhir.chart import Chart
from cds_service.fhir.concepts import names_patient
from cds_service.fhir.dates import read_birth_date
from cds_service.fhir.decoding import KEYS, Sent, Source, read_source
from cds_service.fhir.devices import is_pump, read_pumps
from cds_service.fhir.drug_uses import read_drug_uses, read_drugs_given
from cds_service.fhir.elements import (
    Device,
    MedicationAdministration,
    Patient,
    Procedure,
    Resource,
)
from cds_service.fhir.events import read_events
from cds_service.fhir.fills import (
    goes_elsewhere,
    may_be_pump_drug,
    read_fills,
    read_prescribed_doses,
)
from cds_service.fhir.medications import Formulary
from cds_service.fhir.observations import read_observations
from cds_service.fhir.operations import concerns_pump, read_operations
from cds_service.fhir.other_drugs import read_other_drugs
from cds_service.fhir.problems import read_problems
from cds_service.fhir.readings import Readings
from cds_service.fhir.spasticity import read_test_doses, read_workup
from cds_service.fhir.translation import NO_SITE_CODES, SiteCodes
from cds_service.therapy.calendar import When
from cds_service.therapy.record import DataIssue, DrugUse, Fill, OtherDrug, TherapyRecord, Visit

GATE_KEYS = ("patient", "devices", "medicationAdministrations", "procedures")


@dataclass(frozen=True, slots=True)
class Gate:
    """The keys that show whether there is a pump at all, decoded once."""

    sources: Mapping[str, Source[Any]]
    site_codes: SiteCodes = field(default_factory=dict)

    @property
    def may_have_pump(self) -> bool:
        """True when anything in them speaks of an ITB pump; no record is built for that."""
        sources = self.sources
        administrations = sources["medicationAdministrations"]
        formulary = Formulary(administrations)
        return (
            any(is_pump(found) for found in _of_kind(sources["devices"], Device))
            or any(concerns_pump(found) for found in _of_kind(sources["procedures"], Procedure))
            or any(
                may_be_pump_drug(found, formulary.product(found))
                for found in _of_kind(administrations, MedicationAdministration)
                if not goes_elsewhere(found)
            )
        )

    @property
    def unread(self) -> dict[str, str]:
        """The keys that could not be read, or not fully, each with the reason."""
        return {key: source.unread for key, source in self.sources.items() if source.unread}

    @property
    def is_deceased(self) -> bool:
        """True when the Patient resource says so."""
        return any(
            found.deceasedBoolean or found.deceasedDateTime
            for found in _of_kind(self.sources["patient"], Patient)
        )

    def issues(self, patient_id: str) -> tuple[DataIssue, ...]:
        """What in them could not be read, and what was sent of somebody else."""
        found = [issue for source in self.sources.values() for issue in source.issues]
        for key, source in self.sources.items():
            strangers = sum(_names_another(each, patient_id) for each in source.resources)
            if strangers:
                problem = f"{strangers} of its records belong to another patient; not used"
                found.append(DataIssue(key, "The search result", problem, is_foreign=True))
        return tuple(found)


def open_gate(prefetch: Mapping[str, Sent], site_codes: SiteCodes = NO_SITE_CODES) -> Gate:
    """Decodes the gate keys of a prefetch, and reads the site's codes as ours."""
    sources = {key: read_source(key, prefetch.get(key), site_codes) for key in GATE_KEYS}
    return Gate(sources, site_codes)


def read_record(
    gate: Gate,
    prefetch: Mapping[str, Sent],
    patient_id: str,
    now: datetime,
    zone: ZoneInfo,
    for_evaluation: bool = False,
) -> TherapyRecord:
    """The patient's therapy record from all prefetch keys; refused records are its `issues`."""
    sources = _all_sources(gate, prefetch)
    chart = Chart(patient_id, zone, now.date())
    surgeries, refills = read_operations(chart, sources["procedures"])
    pumps = read_pumps(chart, sources["devices"], sources["procedures"], surgeries)
    given = sources["medicationAdministrations"]
    fills = (*read_fills(chart, given), *refills)
    readings = read_observations(chart, sources["observations"], _told_since(fills, now.date()))
    problems = read_problems(chart, sources["conditions"])
    prescribed = read_prescribed_doses(chart, sources["medicationRequests"])
    return TherapyRecord(
        is_deceased=_is_deceased(chart, sources["patient"]),
        birth_date=_birth_date(chart, sources["patient"]),
        pumps=pumps,
        surgeries=surgeries,
        fills=fills,
        other_drugs=_other_drugs(chart, sources),
        fills_set_aside=tuple(chart.set_aside),
        dose_statements=(*readings.doses, *prescribed),
        **_readings(readings),
        visits=_visits(chart, sources),
        signs=(*readings.signs, *problems.signs),
        events=read_events(chart, sources["procedures"]),
        device_infections=tuple(problems.infections),
        complications=tuple(problems.complications),
        drug_uses=_drug_uses(chart, sources),
        causes=read_causes(chart, sources["conditions"]),
        **(_before_a_pump(chart, sources) if for_evaluation else {}),
        recovery_plans=read_recovery_plans(chart, sources["carePlans"]),
        issues=(*(issue for source in sources.values() for issue in source.issues), *chart.issues),
        unread={key: source.unread for key, source in sources.items() if source.unread},
    )


def _other_drugs(chart: Chart, sources: Mapping[str, Source[Any]]) -> tuple[OtherDrug, ...]:
    requests = sources["medicationRequests"]
    return read_other_drugs(chart, sources["medicationAdministrations"], requests)


def _drug_uses(chart: Chart, sources: Mapping[str, Source[Any]]) -> tuple[DrugUse, ...]:
    prescribed = read_drug_uses(chart, sources["medicationRequests"])
    return (*prescribed, *read_drugs_given(chart, sources["medicationAdministrations"]))


def _all_sources(gate: Gate, prefetch: Mapping[str, Sent]) -> dict[str, Source[Any]]:
    """Every key decoded, by id: the order in which a server lists records decides nothing."""
    sources = dict(gate.sources)
    for key in KEYS:
        if key not in sources:
            sources[key] = read_source(key, prefetch.get(key), gate.site_codes)
    for source in sources.values():
        source.resources.sort(key=lambda found: found.id or "")
    return sources


def _told_since(fills: tuple[Fill, ...], today: date) -> date | None:
    """The day from which pump readings still tell something: the fill before the last."""
    days = sorted({fill.when.first for fill in fills}, reverse=True)[:2]
    return min(*days, today - _DOSE_HISTORY) if days else None


_DOSE_HISTORY = timedelta(days=90)
"""Dose changes are looked back at this far, however short the refill interval."""


def _names_another(resource: Resource, patient_id: str) -> bool:
    if isinstance(resource, Patient):
        return resource.id != patient_id
    owner = resource.patient if isinstance(resource, Device) else getattr(resource, "subject", None)
    return bool(owner and owner.reference) and not names_patient(owner, patient_id)


def _of_kind(source: Source[Any], kind: type[Any]) -> list[Any]:
    return [found for found in source.resources if isinstance(found, kind)]


def _visits(chart: Chart, sources: Mapping[str, Source[Any]]) -> tuple[Visit, ...]:
    booked = read_appointments(chart, sources["appointments"])
    return (*booked, *read_orders(chart, sources["serviceRequests"]))


def _before_a_pump(chart: Chart, sources: Mapping[str, Source[Any]]) -> dict[str, Any]:
    """How severe the spasticity is, what speaks against a test, and test doses.

    Read only for an evaluation: nothing else asks, and a chart open is not to wait for it.
    """
    workup = read_workup(chart, sources["conditions"])
    return {
        "severe_spasticity": tuple(workup.severe),
        "unrated_spasticity": tuple(workup.unrated),
        "brain_injuries": tuple(workup.brain_injuries),
        "hindrances": tuple(workup.hindrances),
        "test_doses": read_test_doses(chart, sources["medicationAdministrations"]),
    }


def _readings(readings: Readings) -> dict[str, Any]:
    values = readings.values
    return {
        "concentrations": tuple(values["drug-concentration"]),
        "fill_volumes": tuple(values["reservoir-fill-volume"]),
        "capacities": tuple(values["reservoir-capacity"]),
        "alarm_volumes": tuple(values["low-reservoir-alarm-volume"]),
        "reported_alarm_dates": tuple(values["low-reservoir-alarm-date"]),
        "months_to_eri": tuple(values["months-to-eri"]),
        "eri_dates": tuple(values["eri-date"]),
        "eos_dates": tuple(values["eos-date"]),
        "alarms": tuple(values["pump-alarm"]),
        "temperatures": tuple(readings.temperatures),
        "vitals": tuple(readings.vitals),
        "minor_alarms": tuple(values["minor-alarm"]),
        "residuals_aspirated": tuple(values["residual-volume-aspirated"]),
        "residuals_expected": tuple(values["residual-volume-expected"]),
        "bridge_boluses": tuple(values["bridge-bolus-programmed"]),
        "ashworth_grades": tuple(values["modified-ashworth-scale"]),
    }


def _is_deceased(chart: Chart, source: Source[Patient]) -> bool:
    """Whether the patient has died. A Patient resource of another id is refused and reported."""
    for patient in source.resources:
        if patient.id != chart.patient_id:
            problem = "was sent for another patient and was not used"
            issue = DataIssue("patient", "The Patient resource", problem, is_foreign=True)
            chart.issues.append(issue)
        elif patient.deceasedBoolean or patient.deceasedDateTime:
            return True
        elif {"deceasedBoolean", "deceasedDateTime"} & set(patient.unreadable):
            chart.report("patient", patient, "whether the patient is alive cannot be read")
    return False


def _birth_date(chart: Chart, source: Source[Patient]) -> When | None:
    """The day, month or year of birth; None when it is not recorded or cannot be."""
    for patient in source.resources:
        if patient.id == chart.patient_id and patient.birthDate:
            born = read_birth_date(patient.birthDate, chart.zone)
            return born if born and born.first <= chart.today else None
    return None
