"""Patients of an export: who has a pump, what is read of them, and what is wrong with the files."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cds_service.coordination.lanes import standing
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.errors import NotObtainedError
from cds_service.fhir.decoding import Reading
from cds_service.population.export_files import LONGEST_LINE
from cds_service.population.exported_patients import ExportedPatients
from cds_service.population.reading import read_patient
from cds_service.population.refresh import refresh
from cds_service.settings import PopulationSettings
from cds_service.store.refresh_ledger import RefreshState
from tests.population.clinics import DEMO, NOW, RULEBOOK, a_store
from tests.population.exports import append, demo_resources, write_export

WITHOUT_PUMP = ("Umber", "Violet")
IDS = {patient.person.family.removeprefix("Testpatient-"): id_ for id_, patient in PATIENTS.items()}
DELTA, FJORD, UMBER = IDS["Delta"], IDS["Fjord"], IDS["Umber"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_export(tmp_path, demo_resources([DELTA, FJORD, UMBER]))
    return tmp_path


def source(folder: Path, **other: Any) -> ExportedPatients:
    site = PopulationSettings(name="North", source="ndjson", folder=folder, **other)
    return ExportedPatients(site, {}, lambda _: None)


def unread(of: ExportedPatients, patient_id: str) -> dict[str, str]:
    """What a patient's chart lacks, by key."""
    chart = of.chart(patient_id)
    return {
        key: each.unread for key, each in chart.items() if isinstance(each, Reading) and each.unread
    }


def test_an_export_says_the_same_of_everybody_as_the_ehr_it_came_from(tmp_path: Path):
    write_export(tmp_path, demo_resources(PATIENTS), zipped=("Observation", "Device"))
    read, live = source(tmp_path), a_store()
    store = a_store()
    done = refresh(read, store, RULEBOOK, lambda: NOW)
    refresh(DEMO, live, RULEBOOK, lambda: NOW)

    assert done.state is RefreshState.DONE
    expected = {
        head.identity: standing(head, NOW).lane
        for head in live.work.heads()
        if not head.identity.name.startswith(tuple(f"Testpatient-{name}" for name in WITHOUT_PUMP))
    }
    # One demo patient has an entry that no file of an export can hold.
    found = {head.identity: standing(head, NOW).lane for head in store.work.heads()}
    differing = {each.name for each in expected if found[each] != expected[each]}
    assert found.keys() == expected.keys()
    assert differing <= {"Testpatient-Willow, Will"}


def test_whoever_shows_no_pump_is_not_on_the_list_but_for_the_sites_own_word(folder: Path):
    assert set(source(folder).cohort()) == {DELTA, FJORD}

    listed = folder / "ids"
    listed.write_text(f"{UMBER}\n{DELTA}\nnobody\n")
    by_list = source(folder, cohort_file=listed)

    assert list(by_list.cohort()) == [UMBER, DELTA, "nobody"]
    assert unread(by_list, UMBER) == {}
    assert unread(by_list, "nobody") == {"patient": "the export holds no Patient with this id"}


def test_a_drug_that_stands_in_a_record_of_its_own_is_read_with_the_refill(tmp_path: Path):
    resources = []
    for each in demo_resources([DELTA]):
        if each["resourceType"] == "Device":
            continue
        if each["resourceType"] == "MedicationAdministration":
            drug: dict[str, Any] = {"resourceType": "Medication", "id": f"m-{each['id']}"}
            drug["code"] = each.pop("medicationCodeableConcept", None) or {"text": "baclofen"}
            contained = each.pop("contained", None)
            if contained:
                drug = {**contained[0], "id": drug["id"]}
            each["medicationReference"] = {"reference": f"Medication/{drug['id']}"}
            resources.append(drug)
        if each["resourceType"] != "Procedure":
            resources.append(each)
    write_export(tmp_path, resources)
    read = source(tmp_path)

    assert list(read.cohort()) == [DELTA]
    figures = read_patient(read, DELTA, RULEBOOK, NOW).status.figures
    assert figures.alarm is not None
    assert figures.alarm == read_patient(DEMO, DELTA, RULEBOOK, NOW).status.figures.alarm
    assert unread(read, DELTA) == {}

    (tmp_path / "Medication.ndjson").write_text("")
    assert "drugs that it refers to are not in the export" in str(
        unread(source(tmp_path, cohort_file=_list(tmp_path, DELTA)), DELTA)
    )


def _list(folder: Path, *ids: str) -> Path:
    file = folder / "ids"
    file.write_text("\n".join(ids))
    return file


def about(patient_id: str, **other: Any) -> bytes:
    resource = {
        "resourceType": "Observation",
        "id": "x",
        "subject": {"reference": f"Patient/{patient_id}"},
    }
    return json.dumps({**resource, **other}).encode()


BROKEN = {
    "cut off, and names one patient": (about(DELTA)[:-2], {DELTA}),
    "cut off before anybody is named": (b'{"resourceType":"Observation","id":', {DELTA, FJORD}),
    "no JSON at all": (b"Internal error", {DELTA, FJORD}),
    "bytes that are no text": (b'{"resourceType":"Observation\xff"}', {DELTA, FJORD}),
    "a list": (b"[]", {DELTA, FJORD}),
    "a number": (b"5", {DELTA, FJORD}),
    "another kind": (about(DELTA, resourceType="Encounter"), {DELTA}),
    "two patients in broken JSON": (
        about(DELTA)[:-2] + about(FJORD),
        {DELTA, FJORD},
    ),
    "nobody it is about": (b'{"resourceType":"Observation","id":"x"}', {DELTA, FJORD}),
    "somebody known by a number alone": (
        about(DELTA, subject={"identifier": {"value": "7"}}),
        {DELTA, FJORD},
    ),
    "deeper than anything may be": (b'{"a":' * 20_000, {DELTA, FJORD}),
    "longer than anything may be": (b" {" + b"x" * LONGEST_LINE, {DELTA, FJORD}),
    "two records in one line, of which the first lost its patient": (
        about(DELTA)[:-5] + about(FJORD),
        {DELTA, FJORD},
    ),
    "somebody elses broken line": (about("stranger")[:-2], set()),
    "a group": (about(DELTA, subject={"reference": "Group/1"}), set()),
    "a blank line": (b"   ", set()),
}


@pytest.mark.parametrize(("line", "concerned"), BROKEN.values(), ids=BROKEN)
def test_a_line_that_cannot_be_read_is_told_to_whom_it_may_concern(
    folder: Path, line: bytes, concerned: set[str]
):
    append(folder, "Observation", line)
    read = source(folder)
    read.cohort()

    told = {each: unread(read, each) for each in (DELTA, FJORD)}

    words = "1 line of Observation.ndjson could not be read"
    assert told == {
        each: {"observations": words} if each in concerned else {} for each in (DELTA, FJORD)
    }
    assert read.remarks() == ()


def test_a_broken_line_of_a_device_may_hide_somebody_with_a_pump(folder: Path):
    append(
        folder, "Device", about("stranger")[:-2], b"{", b'{"resourceType":"Device","id":"stock"}'
    )
    read = source(folder)
    read.cohort()

    assert read.remarks() == (
        "2 lines of Device.ndjson could not be read: somebody with a pump may not be on the list.",
    )
    assert unread(read, DELTA) == {"devices": "1 line of Device.ndjson could not be read"}


def test_a_pump_that_names_no_patient_is_told(folder: Path):
    device = next(each for each in demo_resources([DELTA]) if each["resourceType"] == "Device")
    append(folder, "Device", json.dumps({**device, "id": "z", "patient": None}).encode())
    read = source(folder)
    read.cohort()

    assert any("show a pump name no patient" in each for each in read.remarks())


def test_a_kind_that_was_not_exported_is_not_read_unless_the_export_says_there_is_none(
    folder: Path,
):
    (folder / "Appointment.ndjson").unlink()
    read = source(folder)
    read.cohort()
    assert unread(read, DELTA) == {"appointments": "the export holds no Appointment"}

    asked = "https://ehr.example.org/fhir/$export?_type=Patient,Appointment"
    (folder / "manifest.json").write_text(json.dumps({"request": asked}))
    read = source(folder)
    read.cohort()
    assert unread(read, DELTA) == {}


def test_fewer_records_than_the_server_gave_are_told(folder: Path):
    output = [{"type": "Condition", "url": "https://x/1", "count": 1000}]
    (folder / "manifest.json").write_text(json.dumps({"output": output}))
    read = source(folder)
    read.cohort()

    assert "of 1000 exported records are there" in unread(read, DELTA)["conditions"]


def test_what_was_read_is_of_the_moment_of_the_export(folder: Path):
    exported = NOW - timedelta(hours=30)
    (folder / "manifest.json").write_text(json.dumps({"transactionTime": exported.isoformat()}))
    store = a_store()

    refresh(source(folder), store, RULEBOOK, lambda: NOW)

    assert {head.reading.read_at for head in store.work.heads() if head.reading} == {exported}


def test_without_the_servers_word_the_oldest_file_says_how_old_the_export_is(folder: Path):
    old = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    os.utime(folder / "Device.ndjson", (old.timestamp(), old.timestamp()))

    read = source(folder)
    read.cohort()

    assert read.as_of() == old


def test_an_export_that_is_replaced_meanwhile_mixes_nothing(folder: Path):
    read = source(folder)
    read.cohort()
    before = read.chart(DELTA)
    write_export(folder, demo_resources([FJORD]))

    assert read.chart(DELTA) == before
    assert list(read.cohort()) == [FJORD]
    with pytest.raises(NotObtainedError, match="no such patient"):
        read.chart(DELTA)


def cut_gzip(folder: Path) -> None:
    text = (folder / "Observation.ndjson").read_bytes()
    (folder / "Observation.ndjson").unlink()
    (folder / "Observation.ndjson.gz").write_bytes(gzip.compress(text)[:-20])


def no_files(folder: Path) -> None:
    for each in folder.iterdir():
        each.unlink()


def no_folder(folder: Path) -> None:
    no_files(folder)
    folder.rmdir()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (cut_gzip, "cannot be read to its end: Observation.ndjson.gz"),
        (no_files, "no .ndjson file of patients"),
        (no_folder, "export folder that cannot be read"),
    ],
    ids=["a compressed file that breaks off", "an empty folder", "no folder"],
)
def test_an_export_that_is_not_whole_reads_nobody(folder: Path, spoil: Any, words: str):
    read = source(folder)
    spoil(folder)

    done = refresh(read, a_store(), RULEBOOK, lambda: NOW)

    assert done.state is RefreshState.FAILED
    assert words in done.says
