"""The demo's patients through the same door as anybody's."""

import pytest

from cds_service.coordination.lanes import standing
from cds_service.coordination.status import Lane
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.errors import NotObtainedError
from cds_service.population.reading import read_patient
from cds_service.population.refresh import refresh
from tests.population.clinics import DEMO, NOW, RULEBOOK, Clinic, a_store, timeout


def test_every_demo_patient_has_a_place_on_the_list():
    store = a_store()

    done = refresh(DEMO, store, RULEBOOK, lambda: NOW)

    assert (done.good, done.failed) == (len(PATIENTS), 0)
    lanes = {head.identity.name: standing(head, NOW).lane for head in store.work.heads()}
    assert lanes["Testpatient-Delta, Dan"] is Lane.ACT_NOW  # alarm date passed
    assert lanes["Testpatient-Ember, Eve"] is Lane.ACT_NOW  # reservoir empty
    assert lanes["Testpatient-Birch, Ben"] is Lane.BOOK  # refill comes up, nothing booked
    assert lanes["Testpatient-Amber, Ada"] is Lane.NO_ACTION  # reservoir full


def test_reading_twice_makes_no_task_twice():
    store = a_store()
    for _ in range(2):
        refresh(DEMO, store, RULEBOOK, lambda: NOW)

    kinds = [
        task.kind
        for head in store.work.heads()
        for task in head.tasks
        if head.identity.name == "Testpatient-Delta, Dan"
    ]
    assert len(kinds) == len(set(kinds)) > 0


def test_a_record_that_cannot_be_read_is_kept_as_that():
    clinic = Clinic("p1")
    clinic.failing = {"p1": timeout()}

    read = read_patient(clinic, "p1", RULEBOOK, NOW)

    assert read.assessment is None
    assert read.status.failure == "North did not answer in time"


def test_the_demo_knows_nobody_else():
    with pytest.raises(NotObtainedError):
        DEMO.chart("nobody")
