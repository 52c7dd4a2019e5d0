"""Every synthetic patient is valid FHIR R4, made up, and told by the day the clinic opens."""

from datetime import date

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds_service.demo_clinic.chart import PREFETCH_KEYS, recorded_on
from cds_service.demo_clinic.prefetch import Failure, Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS, DemoPatient

TODAY = date(2026, 11, 22)
every_patient = pytest.mark.parametrize("patient", PATIENTS.values(), ids=lambda p: p.person.id)


def test_the_clinic_has_at_least_fourteen_patients_each_with_a_story_of_its_own():
    assert len(PATIENTS) >= 14
    assert len({patient.line for patient in PATIENTS.values()}) == len(PATIENTS)


@every_patient
def test_a_patient_is_plainly_synthetic(patient: DemoPatient):
    assert patient.person.family.startswith("Testpatient-")
    assert patient.person.mrn.startswith("DEMO-")


@every_patient
@pytest.mark.parametrize("today", [TODAY, date(2028, 2, 29)], ids=["ordinary", "leap"])
def test_every_resource_is_valid_fhir_r4(patient: DemoPatient, today: date):
    chart = patient.chart(today)
    for resource in (chart.patient, *chart.resources):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@every_patient
def test_resource_ids_are_unique_and_belong_to_the_patient(patient: DemoPatient):
    chart = patient.chart(TODAY)
    ids = [resource["id"] for resource in chart.resources]
    assert len(set(ids)) == len(ids)
    assert all(id_.startswith(chart.patient_id) for id_ in ids)
    for resource in chart.resources:
        assert f"Patient/{chart.patient_id}" in str(resource)


@every_patient
def test_nothing_but_bookings_lies_in_the_future(patient: DemoPatient):
    chart = patient.chart(TODAY)
    assert all(recorded_on(resource) <= TODAY.isoformat() for resource in chart.resources)


@every_patient
def test_dates_follow_the_day_the_clinic_opens(patient: DemoPatient):
    chart, later = patient.chart(TODAY), patient.chart(date(2027, 3, 1))
    days = [recorded_on(resource) for resource in chart.resources if recorded_on(resource)]
    assert days != [recorded_on(r) for r in later.resources if recorded_on(r)]


@every_patient
def test_the_prefetch_is_valid_fhir_but_for_entries_broken_on_purpose(patient: DemoPatient):
    chart = patient.chart(TODAY)
    sent = prefetch(chart, TODAY, Faults())
    assert set(sent) == {"patient", *PREFETCH_KEYS}
    for key, resource in sent.items():
        if key not in chart.malformed:
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_one_patient_has_a_broken_entry_and_a_dose_in_millilitres():
    chart = PATIENTS["demo-023"].chart(TODAY)
    assert chart.malformed
    doses = [r for r in chart.resources if "daily-dose" in str(r.get("code"))]
    assert [dose["valueQuantity"]["code"] for dose in doses] == ["mL"]


def test_an_unplugged_source_is_left_out_or_sent_as_an_error():
    chart = PATIENTS["demo-001"].chart(TODAY)
    unplugged = frozenset({"observations"})
    left_out = prefetch(chart, TODAY, Faults(unplugged))
    error = prefetch(chart, TODAY, Faults(unplugged, Failure.ERROR))

    assert "observations" not in left_out
    assert error["observations"]["resourceType"] == "OperationOutcome"
    get_fhir_model_class("OperationOutcome").model_validate(error["observations"])


def test_a_corrupted_dose_leaves_the_chart_itself_alone():
    chart = PATIENTS["demo-001"].chart(TODAY)
    sent = prefetch(chart, TODAY, Faults(is_dose_in_ml=True))

    assert "'code': 'mL'" in _doses(sent["observations"])
    assert "ug/d" in str(chart.resources)


def test_a_chart_of_an_earlier_day_does_not_know_what_came_later():
    chart = PATIENTS["demo-001"].chart(TODAY)
    sent = prefetch(chart, date(2026, 10, 1), Faults())
    assert sent["medicationAdministrations"]["total"] == 0


def _doses(bundle: dict[str, object]) -> str:
    entries = bundle["entry"]
    assert isinstance(entries, list)
    return str([e for e in entries if "daily-dose" in str(e)])
