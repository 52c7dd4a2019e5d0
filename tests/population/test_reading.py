"""The demo's patients through the same door as anybody's."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cds_service.app.wiring import wire
from cds_service.coordination.lanes import standing
from cds_service.coordination.status import Lane
from cds_service.demo_clinic.population import DemoPatients
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.errors import NotObtainedError
from cds_service.population.reading import read_patient
from cds_service.population.refresh import refresh
from cds_service.settings import Settings
from cds_service.store.open_store import open_store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RULEBOOK = wire(Settings(time_zone=ZoneInfo("UTC"))).rulebook


def the_demo() -> DemoPatients:
    return DemoPatients(lambda patient_id, day: PATIENTS[patient_id].chart(day), NOW.date)


def test_every_demo_patient_has_a_place_on_the_list():
    store = open_store(None, lambda: NOW)

    done = refresh(the_demo(), store, RULEBOOK, lambda: NOW)

    assert (done.read, done.failed) == (len(PATIENTS), 0)
    lanes = {head.identity.name: standing(head, NOW).lane for head in store.work.heads()}
    assert lanes["Testpatient-Delta, Dan"] is Lane.ACT_NOW  # alarm date passed
    assert lanes["Testpatient-Ember, Eve"] is Lane.ACT_NOW  # reservoir empty
    assert lanes["Testpatient-Birch, Ben"] is Lane.BOOK  # refill comes up, nothing booked
    assert lanes["Testpatient-Amber, Ada"] is Lane.NO_ACTION  # reservoir full


def test_reading_twice_makes_no_task_twice():
    store = open_store(None, lambda: NOW)
    for _ in range(2):
        refresh(the_demo(), store, RULEBOOK, lambda: NOW)

    kinds = [
        task.kind
        for head in store.work.heads()
        for task in head.tasks
        if head.identity.name == "Testpatient-Delta, Dan"
    ]
    assert len(kinds) == len(set(kinds)) > 0


class Unreachable:
    name = "The EHR"

    def cohort(self) -> list[str]:
        return ["p1"]

    def chart(self, _: str) -> dict:
        raise NotObtainedError("timeout", "did not answer in time")


def test_a_record_that_cannot_be_read_is_kept_as_that():
    read = read_patient(Unreachable(), "p1", RULEBOOK, NOW)

    assert read.assessment is None
    assert read.status.failure == "The EHR did not answer in time"


def test_the_demo_knows_nobody_else():
    with pytest.raises(NotObtainedError):
        the_demo().chart("nobody")
