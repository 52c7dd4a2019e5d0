"""Where a statement of the source document lives in the product, and what is written there."""

import re
from functools import cache

from cds_service.app.plans import plans, plans_folder
from cds_service.guidance.plan import Plan
from cds_service.therapy.vocabulary import FACTS
from tests.docs.existing_tests import ROOT

OUT_OF_SCOPE = "out of scope: "

_PLANS = plans(plans_folder(), {})


def text_at(home: str) -> str:
    """What the product says at `home`: an action, an activity, a threshold, a fact or a section.

    Raises LookupError when there is no such home.
    """
    found = _every_home().get(home)
    if found is not None:
        return found
    name, _, section = home.partition("#")
    if name.endswith(".md") and section and (ROOT / name).is_file():
        return _section((ROOT / name).read_text(encoding="utf-8"), section)
    raise LookupError(f"{home!r} is no action, activity, threshold, fact or section")


@cache
def _every_home() -> dict[str, str]:
    homes = {f"fact {name}": fact.meaning for name, fact in FACTS.items()}
    for plan in _PLANS:
        homes[plan.id] = f"{plan.title} {plan.description} {plan.limits}"
        homes |= {f"{plan.id}/{name}": text for name, text in _inside(plan).items()}
        for each in plan.activities.values():
            homes[f"ActivityDefinition/{each.id}"] = f"{each.title} {each.description}"
    return homes


def _inside(plan: Plan) -> dict[str, str]:
    actions = [action for ladder in plan.ladders for action in ladder.actions]
    return {
        **{each.id: f"{each.summary} {each.detail}" for each in actions},
        **{each.id: f"{each.title} {each.description}" for each in plan.steps},
        **{each.id: f"{each.title} {each.text}" for each in plan.patient_texts},
        **{name: each.rationale for name, each in plan.thresholds.items()},
    }


def _section(markdown: str, anchor: str) -> str:
    """The text under a heading, up to the next heading of its level or above."""
    parts = re.split(r"^(#+) (.+)$", markdown, flags=re.MULTILINE)
    headings = list(zip(parts[1::3], parts[2::3], parts[3::3], strict=True))
    for at, (level, title, text) in enumerate(headings):
        if _anchor(title) == anchor:
            below = headings[at + 1 :]
            end = next((n for n, part in enumerate(below) if len(part[0]) <= len(level)), None)
            return " ".join([title, text, *(f"{part[1]} {part[2]}" for part in below[:end])])
    raise LookupError(f"there is no section {anchor!r}")


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
