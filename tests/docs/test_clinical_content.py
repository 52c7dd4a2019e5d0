"""The document for clinical review says what the plans say, and all of it."""

import re

import pytest

from cds_service.app.plans import plans, plans_folder
from cds_service.guidance.plan import Plan
from tests.docs.clinical_content import COMMAND, clinical_content
from tests.docs.existing_tests import ROOT

PLANS = plans(plans_folder(), {})
DOCUMENT = clinical_content()


def test_the_document_is_the_one_the_plans_give():
    kept = (ROOT / "docs" / "clinical-content.md").read_text(encoding="utf-8")

    is_the_same = kept == DOCUMENT
    assert is_the_same, f"the plans have changed: run `{COMMAND}` and read the difference"


def test_the_document_says_that_no_clinician_has_reviewed_it():
    assert DOCUMENT.splitlines()[2].startswith("**Not reviewed by a clinician yet.**")


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_every_action_activity_threshold_and_source_of_a_plan_is_there(plan: Plan):
    actions = [action for ladder in plan.ladders for action in ladder.actions]
    named = [action.id for action in actions] + [step.id for step in plan.steps]
    named += [text.id for text in plan.patient_texts]
    named += [action.topic for action in actions] + list(plan.thresholds)
    said = [threshold.rationale for threshold in plan.thresholds.values()]
    said += [step.description for step in plan.steps]
    said += [source.text for source in plan.citations]

    assert [name for name in named if f"`{name}`" not in DOCUMENT] == []
    assert [text for text in said if text not in DOCUMENT] == []


def test_a_threshold_without_a_source_is_marked_as_policy():
    (row,) = [line for line in DOCUMENT.splitlines() if line.startswith("| `refillLeadDays`")]

    assert "| 3 to 21 days |" in row
    assert row.endswith("| **Policy** |")


def test_nothing_reads_like_code():
    assert "{{" not in DOCUMENT
    assert "[[" not in DOCUMENT
    assert not re.search(r"%\w", DOCUMENT)
