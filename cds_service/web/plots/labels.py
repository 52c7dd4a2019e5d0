"""Labels beside vertical marks: each in a lane where its text crosses no other mark's line."""

from collections.abc import Sequence

CHARACTER = 7.4
"""Width of a letter in the drawings' units; generous: no text is wider than thought."""

LANE = 17
"""Height of a lane."""


def lanes(xs: Sequence[float], texts: Sequence[str]) -> list[int]:
    """A lane for each label, 0 the lowest; `xs` ascend, and each text stands right of its line."""
    found = [0] * len(xs)
    for index in reversed(range(len(xs))):
        ends = xs[index] + 10 + CHARACTER * len(texts[index])
        crossed = [found[i] for i in range(index + 1, len(xs)) if xs[i] <= ends]
        found[index] = max(crossed, default=-1) + 1
    return found
