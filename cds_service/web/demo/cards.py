"""Cards as the demo EHR draws them: critical first, Markdown as HTML, suggestions as buttons."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from cds_service.demo_clinic.coding import Resource
from cds_service.web.markdown_text import markdown

_ORDER = {"critical": 0, "warning": 1, "info": 2}
_BACKGROUND = re.compile(r"\n\n(?=\*\*(?:Basis\*\*|Rule:\*\*))")
_SECTION = re.compile(r"\n\n(?=\*\*(?:Also due|Not known)\*\*)")


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """One button: its label, what it creates, and the uuid that comes back when it is pressed."""

    uuid: str
    label: str
    creates: str


@dataclass(frozen=True, slots=True)
class CardView:
    """A card for the template. `background` is the part that an EHR folds away until asked for."""

    uuid: str
    topic: str
    indicator: str
    summary: str
    detail: Markup
    background: Markup
    source: str
    suggestions: tuple[SuggestionView, ...]
    reasons: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]


def card_views(cards: Iterable[Mapping[str, Any]]) -> list[CardView]:
    """The cards, critical first; cards of one indicator stay in the order they came in."""
    views = [_view(card) for card in cards]
    return sorted(views, key=lambda view: _ORDER.get(view.indicator, len(_ORDER)))


def suggested_resources(cards: Iterable[Mapping[str, Any]]) -> dict[str, Resource]:
    """What each suggestion would create, by the suggestion's uuid."""
    return {
        str(suggestion["uuid"]): action["resource"]
        for card in cards
        for suggestion in card.get("suggestions", ())
        for action in suggestion.get("actions", ())
        if "uuid" in suggestion and "resource" in action
    }


def _view(card: Mapping[str, Any]) -> CardView:
    source = card.get("source", {})
    shown, folded = _split(str(card.get("detail", "")))
    return CardView(
        uuid=str(card.get("uuid", "")),
        topic=str(source.get("topic", {}).get("code") or card.get("uuid", "")),
        indicator=str(card.get("indicator", "info")),
        summary=str(card.get("summary", "")),
        detail=markdown(shown),
        background=markdown(folded),
        source=str(source.get("label", "")),
        suggestions=tuple(_suggestion(found) for found in card.get("suggestions", ())),
        reasons=tuple(
            (_coded(reason), str(reason.get("display") or reason.get("code")))
            for reason in card.get("overrideReasons", ())
        ),
        links=tuple(_links(card.get("links", ()))),
    )


def _coded(reason: Mapping[str, Any]) -> str:
    """System and code in one, as a form field holds them."""
    return f"{reason.get('system', '')}|{reason.get('code')}"


def _suggestion(suggestion: Mapping[str, Any]) -> SuggestionView:
    actions: Sequence[Mapping[str, Any]] = suggestion.get("actions", ())
    kinds = (str(action.get("resource", {}).get("resourceType", "")) for action in actions)
    return SuggestionView(
        str(suggestion.get("uuid", "")), str(suggestion.get("label", "")), ", ".join(kinds)
    )


def _split(detail: str) -> tuple[str, str]:
    """What to do and what is missing stay open; records, arithmetic and sources fold away."""
    blocks = re.split(f"{_BACKGROUND.pattern}|{_SECTION.pattern}", detail)
    folded = [block for block in blocks if block.startswith(("**Basis**", "**Rule:**"))]
    shown = [block for block in blocks if block not in folded]
    return "\n\n".join(shown), "\n\n".join(folded)


def _links(links: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    """Label and address of the links that lead to a web page; others are left out."""
    for link in links:
        url = str(link.get("url", ""))
        if urlsplit(url).scheme in ("http", "https"):
            yield str(link.get("label") or url), url
