"""The source attributes a plan states, and what is refused."""

from typing import Any

import pytest

from cds_service.app.plans import plan_resources, plans_folder
from cds_service.errors import PlanError
from cds_service.fhir.source_attributes import (
    DATA_USE,
    ELEMENTS,
    FUNDING_SOURCE,
    read_source_attributes,
)

Json = dict[str, Any]
FILE = "itb-x/PlanDefinition-itb-x.json"
SHIPPED = [
    (file, found)
    for file, found in plan_resources(plans_folder())
    if found["resourceType"] == "PlanDefinition"
]


def a_use(element: str = "sex", used: object = False, note: str = "") -> Json:
    parts: list[Json] = [
        {"url": "element", "valueCode": element},
        {"url": "used", "valueBoolean": used},
    ]
    return {"url": DATA_USE, "extension": [*parts, *([_note(note)] if note else [])]}


def _note(text: str) -> Json:
    return {"url": "note", "valueString": text}


@pytest.mark.parametrize(("file", "plan"), SHIPPED, ids=[file for file, _ in SHIPPED])
def test_every_shipped_plan_states_all_thirteen(file: str, plan: Json):
    found = read_source_attributes(file, plan)

    assert plan["relatedArtifact"]
    assert found.developer
    assert found.funding
    assert found.released_on
    assert [use.element for use in found.data_uses] == list(ELEMENTS)
    assert all(use.used is not None for use in found.data_uses)
    assert plan["library"] == ["https://example.org/itb-pump-cds/fhir/Library/itb-facts"]
    assert plan["goal"][0]["description"]["text"]
    assert all(action["goalId"] == [plan["goal"][0]["id"]] for action in plan["action"])


@pytest.mark.parametrize(("file", "plan"), SHIPPED, ids=[file for file, _ in SHIPPED])
def test_a_shipped_plan_names_its_team_and_no_person(file: str, plan: Json):
    assert plan["publisher"] == "ITB Pump CDS maintainers", file
    assert not {"contact", "author", "editor"} & plan.keys(), file


@pytest.mark.parametrize(("file", "plan"), SHIPPED, ids=[file for file, _ in SHIPPED])
def test_no_review_or_approval_is_claimed_that_did_not_take_place(file: str, plan: Json):
    assert not {"approvalDate", "lastReviewDate", "reviewer", "endorser"} & plan.keys(), file


def test_what_is_not_stated_stays_unstated():
    found = read_source_attributes(FILE, {})
    assert (found.developer, found.funding, found.released_on) == ("", "", "")
    assert {use.used for use in found.data_uses} == {None}


def test_what_is_stated_is_read():
    found = read_source_attributes(
        FILE,
        {
            "publisher": "A clinic",
            "date": "2026-11-22",
            "approvalDate": "2026-11-23",
            "extension": [
                {"url": FUNDING_SOURCE, "valueString": "A grant"},
                a_use("date-of-birth", True, "Age."),
            ],
        },
    )
    assert (found.developer, found.funding) == ("A clinic", "A grant")
    assert (found.released_on, found.approved_on) == ("2026-11-22", "2026-11-23")
    (used,) = [use for use in found.data_uses if use.used]
    assert (used.name, used.note) == ("Date of birth", "Age.")


@pytest.mark.parametrize(
    ("extensions", "words"),
    [
        ([a_use("shoe-size")], "'shoe-size' is unknown; use one of race"),
        ([a_use(used="no")], "lacks 'used'"),
        ([a_use(used=True)], "true without a note"),
        ([a_use(), a_use()], "'sex' is stated twice"),
    ],
)
def test_a_malformed_data_use_is_refused_with_its_remedy(extensions: list[Json], words: str):
    with pytest.raises(PlanError) as refused:
        read_source_attributes(FILE, {"extension": extensions})
    assert words in str(refused.value)
    assert FILE in str(refused.value)
