"""Operations on the pump system, and refills known from a procedure alone."""

from itertools import permutations

import pytest

from cds_service.fhir.operations import read_operations
from tests.fhir.builders import (
    CPT,
    HCPCS,
    PCS,
    SNOMED,
    Json,
    a_chart,
    a_procedure,
    coded,
    problems,
    source,
    text,
)


def operations(*procedures: Json) -> list[tuple[str, str]]:
    surgeries, _ = read_operations(a_chart(), source("procedures", *procedures))
    return [(each.when.first.isoformat(), each.kind.value) for each in surgeries]


def refills(*procedures: Json) -> int:
    return len(read_operations(a_chart(), source("procedures", *procedures))[1])


KINDS = {
    "implant": [
        (CPT, "62362"),
        (CPT, "62361"),
        (CPT, "62360"),
        (PCS, "0JH80VZ"),
        (PCS, "0JH83VZ"),
        (PCS, "0JH70VZ"),
        (PCS, "0JHT0VZ"),
        (SNOMED, "6555009"),
        (HCPCS, "E0783"),
        (HCPCS, "C1772"),
    ],
    "replacement": [(HCPCS, "E0786")],
    "explant": [(CPT, "62365"), (PCS, "0JPT0VZ")],
    "revision": [
        (CPT, "62350"),
        (PCS, "0JWT0VZ"),
        (PCS, "00HU03Z"),
        (PCS, "00HU33Z"),
        (PCS, "00PU33Z"),
        (PCS, "00PU03Z"),
        (PCS, "00WU03Z"),
        (PCS, "00WU33Z"),
    ],
}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param(code, kind, id=code[1])
        for kind, codes_of_kind in KINDS.items()
        for code in codes_of_kind
    ],
)
def test_an_operation_is_known_by_its_code(code: tuple[str, str], kind: str):
    assert operations(a_procedure(coded(*code))) == [("2025-01-15", kind)]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Implantation of intrathecal baclofen pump", "implant"),
        ("Insertion of SynchroMed II pump", "implant"),
        ("Replacement of intrathecal baclofen pump", "replacement"),
        ("Removal of baclofen pump", "explant"),
        ("Removal and replacement of baclofen pump", "replacement"),
        ("Revision of intrathecal catheter", "revision"),
        ("Removal of intrathecal catheter", "revision"),
        ("Replacement of intrathecal catheter", "revision"),
    ],
)
def test_an_operation_is_known_by_its_words(words: str, kind: str):
    assert operations(a_procedure(text(words))) == [("2025-01-15", kind)]


@pytest.mark.parametrize(
    "code",
    [
        coded(CPT, "96522", "Refill of implantable pump for systemic delivery"),
        coded(CPT, "62270", "Lumbar puncture"),
        coded(SNOMED, "277762005", "Lumbar puncture"),
        coded(CPT, "62367", "Electronic analysis"),
        coded(CPT, "62368", "Analysis with reprogramming"),
        text("Insertion of insulin pump"),
        text("Insertion of spinal cord stimulator"),
        text("Removal of urinary catheter"),
        text("Intra-aortic balloon pump insertion"),
    ],
    ids=lambda code: code.get("text") or code["coding"][0]["code"],
)
def test_other_procedures_are_neither_operations_nor_refills(code: Json):
    assert operations(a_procedure(code)) == []
    assert refills(a_procedure(code)) == 0


REMOVED, INSERTED = coded(PCS, "0JPT0VZ"), coded(PCS, "0JH80VZ")
NEW_PUMP, NEW_CATHETER = coded(CPT, "62362"), coded(CPT, "62350")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [(REMOVED, "2026-01-15"), (INSERTED, "2026-01-15")],
            [("2026-01-15", "replacement")],
            id="E11: removal and insertion on one day",
        ),
        pytest.param(
            [(REMOVED, "2026-01-15"), (INSERTED, "2026-01-15T14:00:00Z")],
            [("2026-01-15", "replacement")],
            id="one of them with a time",
        ),
        pytest.param(
            [(REMOVED, "2026-01-15"), (INSERTED, "2026-01-16")],
            [("2026-01-15", "explant"), ("2026-01-16", "implant")],
            id="removal, and insertion the next day",
        ),
        pytest.param(
            [(NEW_PUMP, "2019-11-30"), (NEW_PUMP, "2026-01-15")],
            [("2019-11-30", "implant"), ("2026-01-15", "replacement")],
            id="E9: a second pump, no new catheter",
        ),
        pytest.param(
            [(NEW_PUMP, "2026-01-15"), (NEW_CATHETER, "2026-01-15")],
            [("2026-01-15", "implant")],
            id="pump and catheter are one implant",
        ),
        pytest.param(
            [(NEW_CATHETER, "2026-01-15")], [("2026-01-15", "revision")], id="catheter only"
        ),
        pytest.param(
            [(REMOVED, "2026-01-15"), (NEW_CATHETER, "2026-01-15")],
            [("2026-01-15", "explant")],
            id="removal of the pump with work on the catheter",
        ),
        pytest.param(
            [(NEW_PUMP, "2024-01-15"), (REMOVED, "2025-01-15"), (NEW_PUMP, "2026-01-15")],
            [("2024-01-15", "implant"), ("2025-01-15", "explant"), ("2026-01-15", "implant")],
            id="after a removal it is an implant again",
        ),
    ],
)
def test_what_was_done_on_one_day_is_one_operation(
    steps: list[tuple[Json, str]], expected: list[tuple[str, str]]
):
    procedures = [
        a_procedure(code, when, id=f"op{number}") for number, (code, when) in enumerate(steps)
    ]
    for order in permutations(procedures):
        assert operations(*order) == expected


@pytest.mark.parametrize(
    "status", ["preparation", "in-progress", "not-done", "on-hold", "stopped", "entered-in-error"]
)
def test_only_a_completed_operation_counts(status: str):
    assert operations(a_procedure(NEW_PUMP, status=status)) == []


@pytest.mark.parametrize(
    ("code", "count"),
    [
        (coded(CPT, "95990"), 1),
        (coded(CPT, "95991"), 1),
        (coded(CPT, "62369"), 1),
        (coded(CPT, "62370"), 1),
        (coded(HCPCS, "A4220"), 1),
        (coded(HCPCS, "J0475"), 1),
        (text("Refill of intrathecal baclofen pump"), 1),
        (text("Refill of insulin pump"), 0),
    ],
    ids=["95990", "95991", "62369", "62370", "kit", "drug charge", "words", "insulin"],
)
def test_a_refill_procedure_is_a_fill_of_unknown_volume(code: Json, count: int):
    _, found = read_operations(a_chart(), source("procedures", a_procedure(code)))
    assert len(found) == count
    assert all(fill.volume is None for fill in found)


def test_a_code_of_medium_confidence_says_so():
    surgeries, _ = read_operations(
        a_chart(), source("procedures", a_procedure(coded(CPT, "62365")))
    )
    assert surgeries[0].evidence[0].rung == "code of medium confidence"


@pytest.mark.parametrize(
    ("procedure", "problem"),
    [
        pytest.param(a_procedure(NEW_PUMP, performedDateTime=None), "has no date", id="no date"),
        pytest.param(a_procedure(NEW_PUMP, "2025"), "only a year", id="year only"),
        pytest.param(a_procedure(NEW_PUMP, "2026-03-01"), "in the future", id="future"),
        pytest.param(
            a_procedure(NEW_PUMP, occurrenceDateTime="2025-01-15"), "not FHIR R4", id="R5 shape"
        ),
        pytest.param(a_procedure(NEW_PUMP, status=7), "has no status", id="status"),
        pytest.param(
            a_procedure(NEW_PUMP, subject={"reference": "Patient/p2"}), "another patient", id="p2"
        ),
    ],
)
def test_an_operation_that_cannot_be_used_is_reported(procedure: Json, problem: str):
    chart = a_chart()
    surgeries, _ = read_operations(chart, source("procedures", procedure))
    assert surgeries == ()
    assert problem in " ".join(problems(chart))


def test_an_operation_of_a_period_counts_from_its_start():
    procedure = a_procedure(
        NEW_PUMP, performedDateTime=None, performedPeriod={"start": "2025-01-15T08:00:00Z"}
    )
    assert operations(procedure) == [("2025-01-15", "implant")]
