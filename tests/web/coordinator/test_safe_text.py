"""Texts of a record cannot deceive the eye."""

import pytest

from cds_service.web.coordinator.safe_text import visible, visible_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ada Testpatient", "Ada Testpatient"),
        ("  two\nlines\tand  more ", "two lines and more"),
        ("\u202eadA\u202c", "\ufffdadA\ufffd"),
        ("\u2066a\u2069\u200fb", "\ufffda\ufffd\ufffdb"),
        ("bell\x07 and \x1b[31m", "bell and [31m"),
        ("Zoë 山田 محمد", "Zoë 山田 محمد"),
        ("\ud800 alone", "? alone"),
    ],
    ids=["plain", "lines", "override", "isolates", "controls", "scripts", "surrogate"],
)
def test_what_would_deceive_is_shown_as_a_mark(text: str, shown: str):
    assert visible(text) == shown


def test_lines_and_indents_of_a_longer_text_stay():
    assert visible_lines("one\n  - two\x07\u202e") == "one\n  - two \N{REPLACEMENT CHARACTER}"
