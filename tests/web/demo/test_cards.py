"""Cards become safe HTML in the order of their urgency."""

from typing import Any

import pytest

from cds_service.web.demo.cards import card_views, suggested_resources
from cds_service.web.markdown_text import markdown


def a_card(**parts: Any) -> dict[str, Any]:
    return {
        "uuid": "c",
        "summary": "Refill due",
        "indicator": "info",
        "source": {"label": "ITB Pump CDS", "topic": {"code": "itbRefillDue"}},
        **parts,
    }


def test_critical_cards_come_first_and_the_rest_keeps_its_order():
    sent = [a_card(summary=s, indicator=i) for s, i in zip("abcd", _INDICATORS, strict=True)]
    assert [view.summary for view in card_views(sent)] == ["c", "b", "a", "d"]


_INDICATORS = ("info", "warning", "critical", "info")


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", '<img src=x onerror="alert(1)">', "[x](javascript:alert(1))"],
)
def test_markdown_lets_no_html_and_no_script_through(text: str):
    html = markdown(text)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


def test_records_and_sources_fold_away_and_what_is_missing_stays():
    detail = "Refill now.\n\n**Basis**\n\n- a\n\n**Rule:** r\n\n**Not known**\n\n- b"
    (view,) = card_views([a_card(detail=detail)])
    assert "Refill now." in view.detail
    assert "Not known" in view.detail
    assert "Basis" in view.background
    assert "Rule:" in view.background
    assert "Basis" not in view.detail


def test_only_links_to_web_pages_are_shown():
    links = [
        {"label": "Plan", "url": "https://example.org/plan"},
        {"label": "Bad", "url": "javascript:alert(1)"},
    ]
    (view,) = card_views([a_card(links=links)])
    assert view.links == (("Plan", "https://example.org/plan"),)


def test_what_a_suggestion_creates_is_kept_by_its_uuid():
    resource = {"resourceType": "ServiceRequest"}
    suggestion = {"label": "Order", "uuid": "s", "actions": [{"resource": resource}]}
    assert suggested_resources([a_card(suggestions=[suggestion])]) == {"s": resource}
