"""The table of CDS Hooks requirements: every number once, each with the tests named after it."""

import re
from pathlib import Path

import pytest

from tests.docs.existing_tests import ROOT, fault_of_test
from tests.docs.tables import Row, entries, rows_of

REQUIREMENTS = rows_of(
    "cds-hooks-requirements.csv", ["number", "strength", "section", "requirement", "test"]
)
NAMED = re.compile(r"^def (test_requirement_(\d\d)_\w+)", re.MULTILINE)
FOLDER = Path("tests/web/requirements")

every_requirement = pytest.mark.parametrize("row", REQUIREMENTS, ids=lambda row: row["number"])


def named_after(number: str) -> set[str]:
    """The tests that carry a requirement's number in their name."""
    return {
        f"{file.relative_to(ROOT)}::{name}"
        for file in (ROOT / FOLDER).glob("test_*.py")
        for name, found in NAMED.findall(file.read_text(encoding="utf-8"))
        if int(found) == int(number)
    }


def test_the_numbers_run_from_1_to_93():
    assert [row["number"] for row in REQUIREMENTS] == [str(number) for number in range(1, 94)]


@every_requirement
def test_a_requirement_says_what_is_asked_how_strongly_and_where(row: Row):
    assert [column for column, text in row.items() if not text.strip()] == []


@every_requirement
def test_a_requirement_has_the_tests_named_after_it(row: Row):
    listed = entries(row["test"])

    assert [fault for each in listed if (fault := fault_of_test(each))] == []
    assert named_after(row["number"])
    assert named_after(row["number"]) <= set(listed)
