"""Card texts: `{{fact}}` placeholders filled with facts, data-derived text escaped for Markdown."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from cds_service.therapy.calendar import day_text
from cds_service.therapy.fact import Fact, FactDefinition, FactValue
from cds_service.therapy.quantities import plain

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z]+\.[A-Za-z0-9]+)\s*\}\}")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_MARKDOWN = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]|~&"} | {"<": "&lt;"})
_MARKDOWN_FACTS = "data."
_NUMBERED = re.compile(r"^(\d+)([.)])")
_LEADING = ("#", "+", "=", "!", "-", ">")
# Renderers make links of bare addresses, and an address from a record is not ours to offer.
_UNESCAPED = re.compile(r"\\([\\`*_\[\]|~&#+=!\->.)])|&lt;|`")
_LINKS = re.compile(r"(?:\w+:)?//|\bwww\.|@", re.I)


def render(
    template: str, facts: Mapping[str, Fact], *, is_markdown: bool = True
) -> tuple[str, tuple[str, ...]]:
    """The text with its facts filled in, and the names of the facts that appear in it.

    A part in `[[...]]` is left out when one of its facts is unknown, false, zero or empty.
    In Markdown the texts of facts are escaped, but for those that are Markdown themselves: `data.`.
    Facts outside such a part are known when the action applies; an unknown one reads `not known`.
    """
    parts: list[str] = []
    used: list[str] = []
    for literal, is_optional, names in _pieces(template):
        if is_optional and not all(facts[name].value for name in names):
            continue
        used.extend(names)
        parts.append(_PLACEHOLDER.sub(lambda match: _filled(match[1], facts, is_markdown), literal))
    return "".join(parts), tuple(dict.fromkeys(used))


def _filled(name: str, facts: Mapping[str, Fact], is_markdown: bool) -> str:
    value = facts[name].value
    if is_markdown and isinstance(value, str) and not name.startswith(_MARKDOWN_FACTS):
        return escape_markdown(value, limit=len(value))
    return value_text(value)


def placeholders(template: str) -> frozenset[str]:
    """The names of all facts a template may show."""
    return frozenset(_PLACEHOLDER.findall(template))


def needed(template: str) -> frozenset[str]:
    """The names of the facts without which a template cannot be shown: those outside `[[...]]`."""
    return placeholders(_OPTIONAL.sub("", template))


def longest(template: str, definitions: Mapping[str, FactDefinition]) -> str:
    """The template with each fact at its longest, to check lengths before any patient is seen."""
    worst = {name: Fact(definitions[name].example) for name in placeholders(template)}
    return render(template, worst)[0]


def value_text(value: FactValue | None) -> str:
    """A fact's value for people: dates as `5 Apr 2026`, numbers without trailing zeros."""
    match value:
        case None:
            return "not known"
        case bool():
            return "" if value else "no"
        case date():
            return day_text(value)
        case Decimal():
            return plain(value)
        case str():
            return value
    return str(value)


def escape_markdown(text: str, limit: int = 200) -> str:
    """Text from a record, made harmless: no Markdown, HTML, links or line breaks, and not long."""
    line = " ".join(text.split())
    if "//" in line or "@" in line or "www." in line.lower():
        line = _LINKS.sub(" ", line).strip()
    line = _NUMBERED.sub(r"\1\\\2", line[:limit].translate(_MARKDOWN))
    return f"\\{line}" if line.startswith(_LEADING) else line


def plain_lines(markdown: str) -> tuple[str, ...]:
    """The lines of a Markdown list made by `escape_markdown`, in plain words again."""
    lines = (line.removeprefix("- ").strip() for line in markdown.splitlines())
    return tuple(_UNESCAPED.sub(_plain_mark, line) for line in lines if line)


def _plain_mark(match: re.Match[str]) -> str:
    """A mark that was escaped; a backtick that was not only sets a name apart."""
    return match[1] or ("<" if match[0] == "&lt;" else "")


@lru_cache(maxsize=1024)
def _pieces(template: str) -> tuple[tuple[str, bool, tuple[str, ...]], ...]:
    pieces: list[tuple[str, bool, tuple[str, ...]]] = []
    for index, literal in enumerate(_OPTIONAL.split(template)):
        if literal:
            pieces.append((literal, index % 2 == 1, tuple(_PLACEHOLDER.findall(literal))))
    return tuple(pieces)
