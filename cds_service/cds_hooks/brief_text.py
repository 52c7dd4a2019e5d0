"""A card's text for clients that show cards so narrow that a long one is not read.

Whole paragraphs are left out, never words of one, and only such as explain what the others say to
do. What to do and by when, why, dangers, assumptions and contradictions always stay.
"""

MOST_WORDS = 150
"""Policy: the clients' documentation asks for short cards and gives no number."""

EXPLAINED_BEHIND_THE_LINK = (
    "What adds to it",
    "Signs of overdose",
    "Signs of withdrawal",
    "Can look alike",
    "What it could offer",
    "If referred",
    "At the visit",
    "Options, by local protocol",
    "Options",
    "Safely",
)
"""The headings of paragraphs that may be left out, the first of these first."""

_MARK = "**"


def shortened(text: str) -> str:
    """The text with as many paragraphs as it takes left out, and a last line that names them."""
    paragraphs = text.split("\n\n")
    left_out: list[str] = []
    for heading in EXPLAINED_BEHIND_THE_LINK:
        kept = [each for each in paragraphs if not _is_headed(each, heading)]
        if len(" ".join(paragraphs).split()) <= MOST_WORDS:
            break
        if len(kept) < len(paragraphs):
            left_out.append(heading[0].lower() + heading[1:])
            paragraphs = kept
    if left_out:
        paragraphs.append(f"{_MARK}Behind the link:{_MARK} {'; '.join(left_out)}")
    return "\n\n".join(paragraphs)


def _is_headed(paragraph: str, heading: str) -> bool:
    return paragraph.startswith((f"{_MARK}{heading}:{_MARK}", f"{_MARK}{heading}{_MARK}"))
