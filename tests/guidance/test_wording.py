"""Card texts: placeholders, optional parts, and text of the record made harmless."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cds_service.guidance.wording import (
    escape_markdown,
    longest,
    placeholders,
    plain_lines,
    render,
    value_text,
)
from tests.guidance.builders import WORDS, facts


def rendered(template: str, **values: Any) -> str:
    return render(template, facts(**values))[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(date(2026, 11, 30), "30 Nov 2026", id="date"),
        pytest.param(Decimal("10.00"), "10", id="decimal"),
        pytest.param(Decimal("1.66"), "1.66", id="decimal with digits"),
        pytest.param(-3, "-3", id="whole number"),
        pytest.param("20 mL", "20 mL", id="text"),
        pytest.param(None, "not known", id="unknown"),
    ],
)
def test_a_value_is_written_for_people(value: Any, text: str):
    assert value_text(value) == text


def test_a_placeholder_is_filled():
    assert rendered("Alarm {{refill.alarmDate}}.", refill_alarmDate=date(2026, 4, 5)) == (
        "Alarm 5 Apr 2026."
    )


def test_spaces_in_a_placeholder_do_not_matter():
    assert rendered("{{ refill.daysToAlarm }}", refill_daysToAlarm=3) == "3"


def test_an_unknown_fact_outside_an_optional_part_is_said_to_be_unknown():
    assert rendered("Alarm {{refill.alarmDate}}.") == "Alarm not known."


@pytest.mark.parametrize(
    ("values", "text"),
    [
        pytest.param({"refill_daysToAlarm": 3}, "Refill, in 3 d.", id="known"),
        pytest.param({}, "Refill.", id="unknown"),
        pytest.param({"refill_daysToAlarm": 0}, "Refill.", id="zero"),
    ],
)
def test_an_optional_part_is_left_out_without_its_fact(values: dict[str, Any], text: str):
    assert rendered("Refill[[, in {{refill.daysToAlarm}} d]].", **values) == text


@pytest.mark.parametrize(
    ("booked", "text"), [(True, "A  visit is booked."), (False, "A"), (None, "A")]
)
def test_a_truth_switches_its_part_and_leaves_no_word(booked: bool | None, text: str):
    assert rendered("A[[{{refill.booked}}  visit is booked.]]", refill_booked=booked).startswith(
        text
    )


def test_an_optional_part_needs_all_of_its_facts():
    template = "x[[ {{refill.alarmDate}} {{refill.daysToAlarm}}]]"
    assert rendered(template, refill_daysToAlarm=3) == "x"


def test_an_empty_text_leaves_its_part_out():
    assert rendered("x[[ {{surgery.kind}}]]", surgery_kind="") == "x"


def test_the_facts_shown_are_named_once_and_those_left_out_are_not():
    template = "{{refill.daysToAlarm}} {{refill.daysToAlarm}}[[ {{refill.alarmDate}}]]"
    assert render(template, facts(refill_daysToAlarm=3))[1] == ("refill.daysToAlarm",)


def test_all_placeholders_of_a_template_are_found_optional_or_not():
    found = placeholders("{{refill.booked}} [[{{surgery.kind}}]]")
    assert found == {"refill.booked", "surgery.kind"}


def test_the_longest_text_holds_every_optional_part():
    assert longest("x[[ {{surgery.kind}}]]", WORDS) == "x replacement"


HOSTILE = {
    "link": "[click here](https://evil.example)",
    "image": "![x](https://evil.example/x.png)",
    "script": "<script>alert(1)</script>",
    "tag": "<img src=x onerror=alert(1)>",
    "autolink": "<https://evil.example>",
    "entity": "&lt;b&gt; &#60;",
    "heading": "# Stop the pump",
    "emphasis": "**Not urgent** _at all_",
    "code": "`rm -rf`",
    "table": "| a | b |",
    "reference": "[x]: https://evil.example",
    "strike": "~~due~~",
    "already escaped": "\\[x](https://evil.example)",
}
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_text_of_a_record_is_plain_text_whatever_markdown_it_holds(text: str):
    tokens = MARKDOWN.parse(f"Found: {escape_markdown(text)}.")
    kinds = {token.type for token in tokens}
    inline = {child.type for token in tokens for child in token.children or ()}
    assert kinds == {"paragraph_open", "inline", "paragraph_close"}
    assert inline <= {"text", "text_special", "entity"}


@pytest.mark.parametrize(
    "text", [text for text in HOSTILE.values() if "://" not in text], ids=lambda text: text[:12]
)
def test_text_of_a_record_reads_as_itself(text: str):
    assert MARKDOWN.renderInline(escape_markdown(text)) == MarkdownIt("zero").renderInline(text)


@pytest.mark.parametrize("text", ["pain\n\n# heading\r\n- item", "# heading", "- item", "1. item"])
def test_text_of_a_record_starts_no_block(text: str):
    tokens = MARKDOWN.parse(escape_markdown(text))
    assert {token.type for token in tokens} == {"paragraph_open", "inline", "paragraph_close"}


def test_text_of_a_record_is_cut_to_a_readable_length():
    assert len(escape_markdown("x" * 5000)) <= 200


@given(st.text(max_size=300))
def test_no_text_of_a_record_ever_makes_html_or_links(text: str):
    html = MARKDOWN.render(f"Found: {escape_markdown(text)}.")
    assert html.startswith("<p>Found: ")
    assert html.count("<") == 2


@given(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=60))
def test_escaped_text_comes_back_in_plain_words(text: str):
    if "//" not in text and "@" not in text and "www." not in text.lower():
        assert plain_lines(f"- {escape_markdown(text)}.") == (f"{text}.",)


def test_names_set_apart_lose_their_marks():
    assert plain_lines("- Visits (`appointments`): not sent.\n- a\\_b &lt; c") == (
        "Visits (appointments): not sent.",
        "a_b < c",
    )
