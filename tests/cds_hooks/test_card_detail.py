from dataclasses import replace
from datetime import date

import pytest
from markdown_it import MarkdownIt
from msgspec import structs

from cds_service.cds_hooks.card_detail import detail
from cds_service.guidance.plan import Citation
from cds_service.therapy.fact import known, unknown
from cds_service.therapy.record import Evidence
from tests.cds_hooks.advice import FILL, PLAN, advice, basis

FILLED_ON = known(date(2026, 9, 2), FILL)


def test_a_detail_says_what_to_do_then_the_basis_then_the_rule_then_what_is_not_known():
    text = detail(
        advice(
            detail="Book a refill visit before 30 Nov 2026.",
            basis=basis(
                refill_fillDate=FILLED_ON,
                refill_alarmDate=known(date(2026, 11, 30), FILL, basis="16 mL at 0.2 mL/day"),
                refill_bookedDate=unknown("appointments were not sent"),
            ),
        )
    )

    assert text == (
        "Book a refill visit before 30 Nov 2026.\n"
        "\n"
        "**Basis**\n"
        "\n"
        "- 2 Sep 2026: Baclofen 18 mL (MedicationAdministration/fill-1)\n"
        "- 16 mL at 0.2 mL/day\n"
        "\n"
        "**Rule:** ITB pump refill, version 0.1.0 (policy, not reviewed by a clinician yet)\n"
        "\n"
        "- [CC](https://example.org/cc): Cleveland Clinic, Baclofen Pump\n"
        "\n"
        "**Not known**\n"
        "\n"
        "- appointments were not sent"
    )


def test_a_record_that_was_not_the_first_choice_says_where_it_was_read():
    record = structs.replace(FILL, rung="Procedure of refilling")

    text = detail(advice(basis=basis(refill_fillDate=known(date(2026, 9, 2), record))))

    assert "; read from: Procedure of refilling" in text


def test_an_absolute_reference_is_shown_by_its_last_two_parts():
    record = structs.replace(FILL, reference="https://ehr.example.org/r4/Observation/o1")

    text = detail(advice(basis=basis(refill_fillDate=known(date(2026, 9, 2), record))))

    assert "(Observation/o1)" in text


def test_a_record_without_date_or_reference_still_says_what_it_says():
    text = detail(advice(basis=basis(pump_inPlace=known(True, Evidence("", "SynchroMed II")))))

    assert "- SynchroMed II\n" in text


def test_the_same_reason_is_said_once_and_known_facts_give_none():
    missing = unknown("the daily dose is missing")

    text = detail(advice(basis=basis(refill_alarmDate=missing, refill_emptyDate=missing)))

    assert text.count("the daily dose is missing") == 1
    assert "**Basis**" not in text


def test_sources_of_the_action_stand_before_those_of_the_plan():
    found = advice()
    own = Citation("Rule 12", "Device manual (2024)", "https://example.org/a(b)")

    text = detail(replace(found, action=replace(found.action, citations=(own,))))

    assert "- [Rule 12](https://example.org/a%28b%29): Device manual (2024)" in text
    assert PLAN.citations[0].text not in text


def test_a_long_formula_is_not_cut():
    formula = "volume / dose = days; " * 30

    text = detail(advice(basis=basis(refill_alarmDate=known(date(2026, 11, 30), basis=formula))))

    assert formula.split() == text.split("- ", 1)[1].split("\n")[0].replace("\\", "").split()


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[click](javascript:alert(1))",
        "![x](https://evil.example/pixel.png)",
        "**bold** _it_ `code`",
        "one\n\n# Two\n\n- three",
        "| a | b |",
        "&lt;b&gt;",
    ],
)
def test_text_from_a_record_never_becomes_markup(hostile: str):
    record = Evidence(hostile, hostile, rung=hostile)
    found = advice(
        detail="Act.",
        basis=basis(
            refill_fillDate=known(date(2026, 9, 2), record, basis=hostile),
            refill_alarmDate=unknown(hostile),
        ),
    )
    other = advice("itbBatteryPlan", summary=hostile)

    html = MarkdownIt("commonmark").enable("table").render(detail(found, [other]))

    for markup in (
        "<script",
        "<img",
        "<em>",
        "<code>",
        "<h1",
        "<table",
        "<b>",
        'javascript:alert(1)"',
    ):
        assert markup not in html
    assert html.count("<a ") == 1  # the plan's own source
    assert html.count("<strong>") == len(["Also due", "Basis", "Rule:", "Not known"])
