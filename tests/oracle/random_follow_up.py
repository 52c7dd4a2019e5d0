"""Seeded follow-up visits around the edges of half a year and a year."""

from datetime import timedelta
from random import Random

from tests.oracle.patient_story import Story
from tests.oracle.pump_record import Visit

KINDS = ("follow-up-visit", "follow-up-visit", "pump-check", "refill-visit")


def follow_up_visits(rng: Random, story: Story) -> tuple[Visit, ...]:
    """Kept, missed and booked visits; a kept refill visit only where no fill is recorded."""
    if story.explant or rng.random() < 0.5:
        return ()
    kinds = [kind for kind in KINDS if kind != "refill-visit" or not story.fills]
    visits: list[Visit] = []
    if rng.random() < 0.7:
        ago = rng.choice([20, 183, 184, 184, 250, 365, 366])
        status = rng.choice(["fulfilled", "fulfilled", "fulfilled", "noshow", "cancelled"])
        kind = rng.choice(kinds)
        if kind != "refill-visit" or status == "fulfilled":
            visits.append(Visit(story.today - timedelta(days=ago), kind, status))
    if rng.random() < 0.3:
        seen = [fill.first for fill in story.fills] + [each.first for each in story.surgeries]
        edge = max(seen, default=story.today) + timedelta(days=rng.choice([364, 365, 366]))
        ahead = max(edge, story.today + timedelta(days=rng.choice([0, 1, 40])))
        visits.append(Visit(ahead, rng.choice(KINDS[:3]), rng.choice(["booked", "proposed"])))
    return tuple(visits)
