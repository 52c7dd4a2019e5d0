"""The clinical content of every plan as one Markdown document, for review without reading code.

python -m tests.docs.clinical_content > docs/clinical-content.md
"""

import re
import sys
from collections.abc import Iterable, Iterator

from cds_service.app.plans import plans, plans_folder
from cds_service.guidance.condition import Condition
from cds_service.guidance.plan import (
    Action,
    Citation,
    Ladder,
    PatientText,
    Plan,
    PlannedStep,
    Threshold,
)
from cds_service.therapy.fact import FactType
from cds_service.therapy.vocabulary import FACTS
from cds_service.web.plan_words import (
    Clause,
    act_by_in_words,
    bounds_in_words,
    condition_in_words,
    in_words,
    text_in_words,
    value_in_words,
)

COMMAND = ".venv/bin/python -m tests.docs.clinical_content > docs/clinical-content.md"
NOT_REVIEWED = "**Not reviewed by a clinician yet.**"

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z]+\.[A-Za-z0-9]+)\s*\}\}")
_URGENCY = {"critical": "Critical", "warning": "Warning", "info": "Information"}
_JOINS = {"all": "**and** ", "any": "**or** "}
_RUNGS = ("Step", "When", "Urgency, topic", "Summary of the card", "Offers", "Sources")
_THRESHOLDS = ("Threshold", "Value", "Bounds for a site", "Why", "Source")
_ACTIVITIES = ("Days", "Activity", "What it says", "Sources")
_ORDERS = ("What", "What it says")
_FACTS = ("Fact", "Meaning", "Unit")
_BEGINNING = f"""# Clinical content

{NOT_REVIEWED} Do not use these rules for care before a clinician of your site has reviewed them.
This document is for that review. It holds every rule, number and card text of the plans.

Written from `plans/` by `{COMMAND}`. Change the plans, not this file.

How to read it:

- In each table the first row whose condition holds decides. The rows below it are not tried.
- An unknown fact leaves a row undecided, never false: the card "Could not check" names it.
- A row applies only when the table's own condition ("Only when") holds too.
- "At the latest": of a date known only by its month, the last day it can mean.
- ‹Angle marks› stand for the patient's own figures. Parts about unknown facts are left out.
- **Policy** marks our own choice, with no source behind it. Each needs a clinician's decision.
- Sources marked "abstract" were read as abstracts only.
- A site may set a threshold within its bounds. The values here are those that came with the plans.
"""


def clinical_content() -> str:
    """The whole document, in the order in which the plans give their cards."""
    found = plans(plans_folder(), {})
    contents = [f"- [{plan.title}](#{_anchor(plan.title)}): {plan.description}" for plan in found]
    parts = [_BEGINNING, _policy_count(found), "\n".join(contents)]
    parts += ["\n\n".join(_plan(plan)) for plan in found]
    parts += ["## What a card can order", _table(_ORDERS, _orders(found))]
    parts += ["## Facts the rules rest on", _table(_FACTS, _facts(found))]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def main() -> None:
    """Writes the document to standard output, in UTF-8 wherever it runs."""
    sys.stdout.buffer.write(clinical_content().encode())


def _policy_count(found: Iterable[Plan]) -> str:
    thresholds = [each for plan in found for each in plan.thresholds.values()]
    policy = sum(_is_policy(each.source) for each in thresholds)
    return f"{policy} of the {len(thresholds)} thresholds are policy."


def _plan(plan: Plan) -> Iterator[str]:
    numbers = {source: number for number, source in enumerate(_sources(plan), 1)}
    yield f"## {plan.title}"
    yield f"`{plan.id}`, version {plan.version}. {NOT_REVIEWED}"
    yield plan.description
    if plan.limits:
        yield f"Limits: {plan.limits}"
    if plan.goal:
        yield f"Goal: {plan.goal}"
    if plan.targets:
        aims = (f"- {each.measure}. Aim: {text_in_words(each.says)}." for each in plan.targets)
        yield "\n".join(aims)
    for ladder in plan.ladders:
        yield from _ladder(plan, ladder, numbers)
    if plan.steps:
        yield f"### Activities: {plan.id}"
        yield "Days count from the operation, which is day 0."
        rows = [_activity(plan, step, numbers) for step in plan.steps]
        yield _table(_ACTIVITIES, rows)
    if plan.patient_texts:
        yield f"### Texts for patients: {plan.id}"
        for text in plan.patient_texts:
            yield from _patient_text(plan, text, numbers)
    if plan.thresholds:
        yield f"### Thresholds: {plan.id}"
        yield _table(_THRESHOLDS, [_threshold(each) for each in plan.thresholds.values()])
    yield f"### Sources: {plan.id}"
    yield "\n".join(f"{number}. {_cited(source)}" for source, number in numbers.items())


def _ladder(plan: Plan, ladder: Ladder, numbers: dict[Citation, int]) -> Iterator[str]:
    yield f"### {ladder.title}"
    yield f"Answers: {', '.join(sorted(ladder.hooks))}."
    if ladder.condition:
        guard = condition_in_words(ladder.condition.text, plan.thresholds)
        yield f"Only when {_in_line(guard)}."
    rows = [
        (str(step), *_rung(plan, action, numbers)) for step, action in enumerate(ladder.actions, 1)
    ]
    yield _table(_RUNGS, rows)
    yield "<details><summary>Full texts of these cards</summary>"
    for step, action in enumerate(ladder.actions, 1):
        yield f"**Step {step}**, `{action.id}`:"
        yield "\n".join(f"> {line}".rstrip() for line in _full_text(action).split("\n"))
    yield "</details>"


def _full_text(action: Action) -> str:
    """A card's text; a yes/no fact, which only switches its part on, is named as that."""
    return text_in_words(_PLACEHOLDER.sub(_switch, action.detail))


def _switch(found: re.Match[str]) -> str:
    fact = FACTS[found[1]]
    return f" ‹only if {fact.meaning}:›" if fact.type is FactType.BOOLEAN else found[0]


def _rung(plan: Plan, action: Action, numbers: dict[Citation, int]) -> tuple[str, ...]:
    when = condition_in_words(action.condition.text, plan.thresholds)
    return (
        f"{_in_lines(when)}<br>`{action.id}`",
        f"**{_URGENCY[action.urgency]}**<br>`{action.topic}`",
        text_in_words(action.summary),
        _offered(action),
        _numbered(action.citations, numbers),
    )


def _offered(action: Action) -> str:
    offers = "; ".join(suggestion.label for suggestion in action.suggestions) or "nothing"
    act_by = act_by_in_words(action)
    return f"{offers}<br>act by: {act_by}" if act_by else offers


def _activity(plan: Plan, step: PlannedStep, numbers: dict[Citation, int]) -> tuple[str, ...]:
    if step.last_day is None:
        days = f"from {step.first_day}, until a clinician closes it"
    else:
        days = f"{step.first_day} to {step.last_day}"
    days += "".join(f"<br>`{found.name}`" for found in step.thresholds)
    said = step.description
    if step.condition:
        condition = condition_in_words(step.condition.text, plan.thresholds)
        said += f"<br>Only when {_in_line(condition)}."
    restriction = " (restriction)" if step.is_restriction else ""
    title = f"**{step.title}**{restriction}<br>`{step.id}`"
    return days, title, said, _numbered(step.citations, numbers)


def _patient_text(plan: Plan, text: PatientText, numbers: dict[Citation, int]) -> Iterator[str]:
    only_if = ""
    if text.condition:
        only_if = (
            f" Only when {_in_line(condition_in_words(text.condition.text, plan.thresholds))}."
        )
    yield f"**{text.title}**, `{text.id}`.{only_if} Sources: {_numbered(text.citations, numbers)}"
    yield "\n".join(f"> {line}".rstrip() for line in text_in_words(text.text).split("\n"))


def _threshold(found: Threshold) -> tuple[str, ...]:
    source = f"**{found.source}**" if _is_policy(found.source) else found.source
    name = f"`{found.name}`"
    return name, value_in_words(found), bounds_in_words(found), found.rationale, source


def _orders(found: Iterable[Plan]) -> list[tuple[str, ...]]:
    activities = {each.id: each for plan in found for each in plan.activities.values()}
    return [(f"**{each.title}**<br>`{each.id}`", each.description) for each in activities.values()]


def _facts(found: Iterable[Plan]) -> list[tuple[str, ...]]:
    read = {name for plan in found for each in _conditions(plan) for name in each.facts}
    return [(f"`{name}`", FACTS[name].meaning, in_words(FACTS[name].unit)) for name in sorted(read)]


def _conditions(plan: Plan) -> Iterator[Condition]:
    guards = [ladder.condition for ladder in plan.ladders]
    guards += [step.condition for step in plan.steps]
    guards += [text.condition for text in plan.patient_texts]
    yield from (each for each in guards if each)
    yield from (action.condition for action in _actions(plan))


def _actions(plan: Plan) -> list[Action]:
    return [action for ladder in plan.ladders for action in ladder.actions]


def _in_lines(clause: Clause) -> str:
    """A condition for a table's cell, one line for each of its parts."""
    if clause.joined in {"all", "any"}:
        return f"<br>{_JOINS[clause.joined]}".join(_in_line(part, 1) for part in clause.parts)
    return _in_line(clause)


def _in_line(clause: Clause, depth: int = 0) -> str:
    """A condition as one sentence; parts inside parts stand in brackets."""
    if clause.joined == "none":
        return f"**not** ({'; '.join(_in_line(part) for part in clause.parts)})"
    if not clause.joined:
        return clause.text
    said = f" {_JOINS[clause.joined]}".join(_in_line(part, depth + 1) for part in clause.parts)
    return f"({said})" if depth else said


def _sources(plan: Plan) -> list[Citation]:
    """Every source of the plan, its actions and activities, once, in order of appearance."""
    named = [*plan.citations]
    named += [source for action in _actions(plan) for source in action.citations]
    named += [source for step in plan.steps for source in step.citations]
    named += [source for text in plan.patient_texts for source in text.citations]
    return list(dict.fromkeys(named))


def _numbered(citations: Iterable[Citation], numbers: dict[Citation, int]) -> str:
    return ", ".join(
        f"{numbers[source]} (**policy**)" if _is_policy(source.label) else str(numbers[source])
        for source in citations
    )


def _cited(source: Citation) -> str:
    text = source.text or source.label
    return f"{text} <{source.url}>" if source.url else text


def _is_policy(source: str) -> bool:
    return source.lower().startswith("policy")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(_cell(text) for text in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")


def _anchor(title: str) -> str:
    """A heading's address inside the document, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


if __name__ == "__main__":
    main()
