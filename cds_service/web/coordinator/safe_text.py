"""Texts of a record as they are shown: what would deceive the eye is made visible."""

_SHOWN_AS = "\N{REPLACEMENT CHARACTER}"
_DIRECTIONS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_LINES = (0x09, 0x0A)
_TABLE = dict.fromkeys(_CONTROLS, " ") | dict.fromkeys(_DIRECTIONS, _SHOWN_AS)


def visible(text: str) -> str:
    """The text on one line, without control characters.

    Characters that turn the direction of writing could make one name look like another: each is
    shown as a mark. Lone surrogates, which no page can carry, too.
    """
    clean = text.translate(_TABLE).encode("utf-8", "replace").decode()
    return " ".join(clean.split())


def visible_lines(text: str) -> str:
    """The same for a text of several lines, such as Markdown: its lines and indents stay."""
    table = {mark: shown for mark, shown in _TABLE.items() if mark not in _LINES}
    return text.translate(table).encode("utf-8", "replace").decode()
