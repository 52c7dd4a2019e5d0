from decimal import Decimal
from pathlib import Path

import pytest

from cds_service.app.conformance import problems_of
from cds_service.app.plans import plan_resources, plans_folder
from cds_service.errors import PlanError


def test_the_checkouts_plans_are_found_and_refill_comes_before_battery():
    names = [name.split("/")[0] for name, _ in plan_resources(plans_folder())]

    assert names.index("itb-refill") < names.index("itb-battery")


def test_numbers_with_a_point_are_read_exactly(tmp_path: Path):
    folder = tmp_path / "itb-x"
    folder.mkdir()
    (folder / "PlanDefinition-itb-x.json").write_text('{"value": 0.1}')

    assert plan_resources(tmp_path) == [
        ("itb-x/PlanDefinition-itb-x.json", {"value": Decimal("0.1")})
    ]


@pytest.mark.parametrize("content", ["{", "[]", '"plan"'])
def test_a_file_that_is_no_resource_stops_the_start(tmp_path: Path, content: str):
    folder = tmp_path / "itb-x"
    folder.mkdir()
    (folder / "PlanDefinition-itb-x.json").write_text(content)

    with pytest.raises(PlanError, match=r"PlanDefinition-itb-x\.json: found"):
        plan_resources(tmp_path)


def test_a_folder_without_plans_stops_the_start(tmp_path: Path):
    with pytest.raises(PlanError, match="found no plan"):
        plan_resources(tmp_path)


def test_a_valid_resource_has_no_problems():
    assert problems_of({"resourceType": "Patient", "gender": "female"}) == []


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ({"resourceType": "Patient", "colour": "red"}, "colour"),
        ({"resourceType": "ServiceRequest", "status": "draft"}, "subject"),
        ({"resourceType": "NoSuchThing"}, "resourceType"),
        ({}, "resourceType"),
    ],
)
def test_an_invalid_resource_has_its_element_named(resource: dict[str, object], words: str):
    assert any(words in problem for problem in problems_of(resource))
