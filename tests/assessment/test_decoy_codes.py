"""Codes that look right and are not (docs/codes.csv): no pump, no fill, no sign, no card."""

import pytest

from tests.assessment.builders import a_chart, assessed, prefetch, said
from tests.docs.codes import CODES
from tests.fhir.builders import (
    INTRATHECAL,
    Json,
    a_condition,
    a_device,
    a_procedure,
    an_administration,
    an_observation,
    an_order,
    coded,
    quantity,
)

HELD_OUT = [row for row in CODES if row["confidence"] in ("REJECT", "DECOY", "not verified")]
every_decoy = pytest.mark.parametrize("row", HELD_OUT, ids=lambda row: row["code"])


def all_over(code: Json) -> dict[str, list[Json]]:
    """The code in every place where a code could show a pump, a fill, an operation or a sign."""
    dosage = {"route": INTRATHECAL, "dose": quantity(20, "mL", "mL")}
    return {
        "devices": [a_device(id="z1", type=code, modelNumber=None)],
        "procedures": [a_procedure(code, "2026-01-20", id="z2")],
        "medicationAdministrations": [
            an_administration(id="z3", medicationCodeableConcept=code, dosage=dosage)
        ],
        "observations": [an_observation(code, id="z4", valueBoolean=True)],
        "conditions": [a_condition(code, id="z5")],
        "serviceRequests": [an_order(id="z6", code=code)],
    }


def test_there_are_decoys_of_every_kind():
    systems = {row["system"].rsplit("/", 1)[-1] for row in HELD_OUT}
    assert {"sct", "rxnorm", "icd-10-cm", "cpt", "urn:iso:std:iso:11073:10101"} <= systems


@every_decoy
def test_alone_it_shows_no_pump_and_gives_no_card(row: dict[str, str]):
    chart: dict[str, list[Json]] = {key: [] for key in a_chart()}
    chart["patient"] = a_chart()["patient"]
    found = assessed(prefetch({**chart, **all_over(coded(row["system"], row["code"]))}))
    assert not found.has_pump
    assert found.evaluation.recommended == ()
    assert (found.record.fills, found.record.surgeries, found.record.signs) == ((), (), ())


@every_decoy
def test_beside_a_pump_it_changes_nothing(row: dict[str, str]):
    chart = a_chart()
    decoys = all_over(coded(row["system"], row["code"]))
    more = {key: [*chart[key], *decoys.get(key, ())] for key in chart}
    assert said(prefetch(more), "2026-03-25") == said(prefetch(chart), "2026-03-25")
