"""Only a test that exists, runs and has the case named counts as a proof."""

from pathlib import Path

import pytest

from tests.docs.existing_tests import fault_of_proof, fault_of_test

SOURCE = """
import pytest

KINDS = {"implant": 1}

def test_plain(): ...

def helper(): ...

@pytest.mark.skip
def test_skipped(): ...

@pytest.mark.xfail(strict=True)
def test_expected_to_fail(): ...

@pytest.mark.parametrize("kind", KINDS)
def test_each(kind): ...

class TestInside:
    def test_within(self): ...
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "test_it.py").write_text(SOURCE)
    (tmp_path / "helpers.py").write_text("def test_it(): ...")
    (tmp_path / "story").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "node_id", ["test_it.py::test_plain", "test_it.py::test_each[implant]", "test_it.py::test_each"]
)
def test_a_test_that_exists_counts(root: Path, node_id: str):
    assert fault_of_test(node_id, root) == ""


def test_a_folder_beside_the_file_is_a_case(root: Path):
    assert fault_of_test("test_it.py::test_each[story]", root) == ""


@pytest.mark.parametrize(
    ("node_id", "fault"),
    [
        ("", "no test file"),
        ("test_it.py", "no such test"),
        ("test_gone.py::test_plain", "no test file"),
        ("helpers.py::test_it", "no test file"),
        ("test_it.py::test_gone", "no such test"),
        ("test_it.py::helper", "no such test"),
        ("test_it.py::test_within", "no such test"),
        ("test_it.py::test_skipped", "proves nothing"),
        ("test_it.py::test_expected_to_fail", "proves nothing"),
        ("test_it.py::test_each[explant]", "no such case"),
        ("test_it.py::test_plain[story]", "no such case"),
    ],
)
def test_anything_else_does_not(root: Path, node_id: str, fault: str):
    assert fault in fault_of_test(node_id, root)


@pytest.mark.parametrize("entry", ["not yet", "not yet: ", "not yet: x", "not yet, later on"])
def test_not_yet_says_what_is_missing(entry: str):
    assert fault_of_proof(entry)


def test_an_honest_not_yet_is_accepted():
    assert fault_of_proof("not yet: the worklist does not exist") == ""
