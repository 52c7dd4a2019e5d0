"""The plan as the service uses it."""

from decimal import Decimal

import pytest

from cds_service.guidance.plan import Threshold, Urgency
from tests.guidance.builders import a_plan


def test_a_plan_is_cited_by_its_canonical_url_with_version():
    assert a_plan().canonical == "https://example.org/PlanDefinition/itb-test|0.1.0"


@pytest.mark.parametrize(
    ("value", "unit", "text"), [("7", "d", "7 d"), ("38.0", "Cel", "38 Cel"), ("2", "", "2")]
)
def test_a_threshold_is_written_with_its_unit(value: str, unit: str, text: str):
    number = Decimal(value)
    assert str(Threshold("x", number, unit, number, number, "why", "policy")) == text


def test_the_most_urgent_comes_first():
    assert [urgency.value for urgency in Urgency] == ["critical", "warning", "info"]
