"""A site sets the days of the recovery plan: seen on the plan page, in $apply, card and check."""

import copy
import json
from argparse import Namespace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cds_service.app.conformance import problems_of
from cds_service.app.plans import plan_resources, plans_folder
from cds_service.app.wiring import wire
from cds_service.cli.check import check
from cds_service.errors import PlanError
from cds_service.fhir.plan_definition import read_plans
from cds_service.settings import Settings
from cds_service.web import create_app
from tests.fhir.builders import (
    a_device,
    a_patient,
    a_procedure,
    an_administration,
    coded,
    searchset,
)
from tests.web.apply_body import apply_with_bundle, encoded

Json = dict[str, Any]
CPT = "http://www.ama-assn.org/go/cpt"
CHART = {
    "patient": a_patient(),
    "devices": searchset(a_device()),
    "procedures": searchset(a_procedure(coded(CPT, "62362"), "2026-03-29")),
    "medicationAdministrations": searchset(an_administration(effectiveDateTime="2026-03-29")),
}
FILE = "itb-recovery/PlanDefinition-itb-recovery.json"
REVIEWS = ("Review of the abdominal binder", "Wound check, both wounds")


def served(**thresholds: int) -> Any:
    """A client of a site with these thresholds, on day 1 after an implant of 29 Mar 2026."""
    own = {name: Decimal(value) for name, value in thresholds.items()}
    return create_app(wire(Settings(thresholds=own), "2026-03-30T09:00:00Z")).test_client()


def windows(care_plan: Json) -> dict[str, tuple[str, str]]:
    """Start and end of the two reviews."""
    details = [found["detail"] for found in care_plan["activity"]]
    return {
        detail["code"]["text"]: tuple(detail["scheduledPeriod"].values())
        for detail in details
        if detail["code"]["text"] in REVIEWS
    }


def suggested(client: Any) -> Json:
    sent = {**CHART, "carePlans": None, "observations": None, "appointments": None}
    sent |= {"conditions": None, "medicationRequests": None, "serviceRequests": None}
    body = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/1", "patientId": "p1"},
        "prefetch": sent,
    }
    answer = client.post("/cds-services/itb-patient-view", json=body)
    (card,) = [
        card
        for card in json.loads(answer.data)["cards"]
        if card["source"]["topic"]["code"] == "itbRecoveryPlan"
    ]
    found: Json = card["suggestions"][0]["actions"][0]["resource"]
    return found


def applied(client: Any) -> Json:
    resources = [
        found
        for sent in CHART.values()
        for found in ([e["resource"] for e in sent["entry"]] if "entry" in sent else [sent])
    ]
    answer = client.post(
        "/fhir/PlanDefinition/itb-recovery/$apply",
        data=encoded(apply_with_bundle(searchset(*resources))),
        content_type="application/fhir+json",
    )
    contained = json.loads(answer.data)["contained"]
    (found,) = [each for each in contained if each["resourceType"] == "CarePlan"]
    plan: Json = found
    return plan


def offset(client: Any, step: str) -> tuple[int, int]:
    plan = json.loads(client.get("/fhir/PlanDefinition/itb-recovery").data)
    assert problems_of(plan) == []
    actions = [child for group in plan["action"] for child in group.get("action", ())]
    (found,) = [action for action in actions if action["id"] == step]
    low, high = found["relatedAction"][0]["offsetRange"].values()
    return low["value"], high["value"]


@pytest.mark.parametrize("give", [suggested, applied])
def test_the_days_of_the_plan_hold_where_the_site_says_nothing(give):
    """Implant 29 Mar 2026: day 10 is 8 Apr, day 14 12 Apr; 6 weeks are day 42, 10 May."""
    assert windows(give(served())) == {
        "Review of the abdominal binder": ("2026-05-10", "2026-05-17"),
        "Wound check, both wounds": ("2026-04-08", "2026-04-12"),
    }


@pytest.mark.parametrize("give", [suggested, applied])
def test_card_and_apply_go_by_the_days_the_site_set(give):
    """12 weeks are day 84: 2 + 30 + 31 + 21 = 84, 21 Jun. Day 12 is 10 Apr, day 20 18 Apr."""
    site = served(binderWeeks=12, followUpFromDay=12, woundCheckLastDay=20)
    assert windows(give(site)) == {
        "Review of the abdominal binder": ("2026-06-21", "2026-06-28"),
        "Wound check, both wounds": ("2026-04-10", "2026-04-18"),
    }


def test_the_plan_is_served_with_the_days_in_force():
    assert offset(served(), "binder-review") == (42, 49)
    assert offset(served(binderWeeks=12), "binder-review") == (84, 91)
    assert offset(served(binderWeeks=12), "dose-visit") == (7, 14)


def test_the_plan_page_shows_the_days_in_force_and_who_set_them():
    page = served(binderWeeks=12).get("/plans/itb-recovery").text
    row = page.split("<tr><td>day 84 to 91<br>")[1].split("</tr>")[0]
    assert "<code>binderWeeks</code>" in row
    assert "set by this site" in row
    assert "Review of the abdominal binder" in row
    assert "<strong>12 weeks</strong>" in page
    assert "the plan came with 6 weeks" in page
    other = page.split("<tr><td>day 7 to 14<br>")[1].split("</tr>")[0]
    assert "set by this site" not in other


def test_check_tells_what_the_site_set_and_what_follows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    config = tmp_path / "site.toml"
    config.write_text("[thresholds]\nbinderWeeks = 12\nwoundCheckLastDay = 21\n")
    assert check(Namespace(config=config, patient=None)) == 0
    said = capsys.readouterr().out.splitlines()
    lines = [line for line in said if line.startswith("threshold set by this site: ")]
    assert [line.removeprefix("threshold set by this site: ") for line in lines] == [
        "itb-infection: woundCheckLastDay is 21 days, the plan came with 14 days; "
        "days of wound-check follow it",
        "itb-recovery: binderWeeks is 12 weeks, the plan came with 6 weeks; "
        "days of binder-review follow it",
    ]


@pytest.mark.parametrize(
    ("thresholds", "words"),
    [
        ({"binderWeeks": 17}, "threshold binderWeeks' is 17; it must be 2 to 16"),
        (
            {"followUpFromDay": 14, "woundCheckLastDay": 10},
            "'wound-check' begins on day 14 and ends on day 10; "
            "correct followUpFromDay, woundCheckLastDay",
        ),
    ],
)
def test_days_that_cannot_be_are_refused_with_their_thresholds(thresholds, words):
    with pytest.raises(PlanError) as refused:
        served(**thresholds)
    assert words in str(refused.value)


def test_half_a_week_is_refused():
    with pytest.raises(PlanError, match=r"binderWeeks' is 6\.5; a whole number"):
        wire(Settings(thresholds={"binderWeeks": Decimal("6.5")}))


def _spoilt(name: str, element: str, value: object) -> list[tuple[str, Json]]:
    """The shipped plans; the offset of the binder's review names another threshold or day."""
    found = [(file, copy.deepcopy(body)) for file, body in plan_resources(plans_folder())]
    plan = dict(found)[FILE]
    actions = [child for group in plan["action"] for child in group.get("action", ())]
    (step,) = [action for action in actions if action["id"] == "binder-review"]
    low = step["relatedAction"][0]["offsetRange"]["low"]
    if element == "value":
        low["value"] = value
    else:
        low["extension"][0]["extension"][0]["valueString"] = name
    return found


@pytest.mark.parametrize(
    ("name", "element", "value", "words"),
    [
        ("binderDays", "name", "", "offset by the threshold binderDays, which no plan states in"),
        ("feverCelsius", "name", "", "feverCelsius, which no plan states in days or weeks"),
        ("binderWeeks", "value", 40, "offset by 40 days, and binderWeeks makes them 42"),
    ],
)
def test_a_plan_whose_day_and_threshold_disagree_is_refused(name, element, value, words):
    with pytest.raises(PlanError) as refused:
        read_plans(_spoilt(name, element, value), {})
    assert words in str(refused.value)
    assert FILE in str(refused.value)
