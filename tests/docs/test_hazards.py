"""The hazard log names its proofs, and says where there is none yet."""

import pytest

from tests.docs.existing_tests import fault_of_proof
from tests.docs.tables import Row, entries, rows_of

HAZARDS = rows_of("hazards.csv", ["hazard", "severity", "harm", "control", "test"])

every_hazard = pytest.mark.parametrize("row", HAZARDS, ids=lambda row: row["hazard"])


def test_the_log_holds_hazards_each_once():
    named = [row["hazard"] for row in HAZARDS]

    assert named
    assert sorted(set(named)) == sorted(named)


@every_hazard
def test_a_hazard_says_its_harm_and_its_control(row: Row):
    assert [column for column, text in row.items() if not text.strip()] == []


@every_hazard
def test_severity_is_from_1_to_5(row: Row):
    assert row["severity"] in {"1", "2", "3", "4", "5"}


@every_hazard
def test_a_hazard_names_tests_that_exist_or_says_what_is_missing(row: Row):
    assert [fault for entry in entries(row["test"]) if (fault := fault_of_proof(entry))] == []
