"""A card's texts, summary and detail: what to do, why, and what it rests on.

Markdown without HTML. Texts of plans are ours and stay as they are; what comes from a record is
escaped here.
"""

from collections.abc import Iterable, Sequence

from cds_service.cds_hooks.brief_text import shortened
from cds_service.guidance.evaluation import Recommendation
from cds_service.guidance.plan import Citation, Plan
from cds_service.guidance.wording import escape_markdown
from cds_service.therapy.fact import Fact
from cds_service.therapy.record import Evidence

FIRST_CHOICE = Evidence("", "").rung
"""The rung that needs no mention: the fact was read from where it is read first."""

LONGEST_SUMMARY = 139
"""Characters; CDS Hooks 2.0 wants fewer than 140."""


def detail(
    recommendation: Recommendation,
    also_due: Sequence[Recommendation] = (),
    by_hand: Sequence[str] = (),
    *,
    is_brief: bool = False,
) -> str:
    """The whole text below a card's summary.

    In this order: what to do and why; `by_hand`, what the client cannot be offered as a suggestion;
    `also_due`, the advice that got no card of its own; the records used, each once, and the
    arithmetic; the rule with its sources; what is not known. A brief one is shortened, and of the
    last it has rule and gaps only.
    """
    facts = [fact for _, fact in recommendation.basis]
    basis = [] if is_brief else [*_evidence_lines(facts), *_arithmetic_lines(facts)]
    blocks = [
        _uncut_summary(recommendation.summary),
        shortened(recommendation.detail) if is_brief else recommendation.detail,
        _listed("Suggested, to be ordered by hand", by_hand),
        _listed("Also due", (_due_line(other) for other in also_due)),
        _listed("Basis", basis),
        _rule(recommendation, is_brief),
        _listed("Not known", _unknown_lines(facts)),
    ]
    return "\n\n".join(block for block in blocks if block)


def summary(recommendation: Recommendation) -> str:
    """One line that fits. Plans are checked for length at the start; a cut is the last resort."""
    line = " ".join(recommendation.summary.split())
    return line if len(line) <= LONGEST_SUMMARY else line[: LONGEST_SUMMARY - 1].rstrip() + "…"


def evidence_of(facts: Iterable[Fact]) -> list[Evidence]:
    """Every record that the facts rest on, once each, in the order of the facts."""
    return list(dict.fromkeys(record for fact in facts for record in fact.evidence))


def _uncut_summary(text: str) -> str:
    return _escaped(text) if len(" ".join(text.split())) > LONGEST_SUMMARY else ""


def _listed(heading: str, lines: Iterable[str]) -> str:
    items = "\n".join(f"- {line}" for line in lines)
    return f"**{heading}**\n\n{items}" if items else ""


def _due_line(recommendation: Recommendation) -> str:
    return f"{recommendation.action.urgency}: {_escaped(recommendation.summary)}"


def _evidence_lines(facts: Sequence[Fact]) -> list[str]:
    return [_evidence_line(record) for record in evidence_of(facts)]


def _evidence_line(record: Evidence) -> str:
    date = f"{record.when}: " if record.when else ""
    rung = "" if record.rung == FIRST_CHOICE else f"; read from: {_escaped(record.rung)}"
    reference = _escaped("/".join(record.reference.split("/")[-2:]))
    return f"{date}{escape_markdown(record.says)}" + (f" ({reference})" if reference else "") + rung


def _arithmetic_lines(facts: Sequence[Fact]) -> Iterable[str]:
    return dict.fromkeys(_escaped(fact.basis) for fact in facts if fact.basis)


def _unknown_lines(facts: Sequence[Fact]) -> Iterable[str]:
    reasons = (fact.unknown_because for fact in facts if fact.is_missing)
    return dict.fromkeys(_escaped(reason) for reason in reasons if reason)


def _rule(recommendation: Recommendation, is_brief: bool) -> str:
    plan = recommendation.plan
    if is_brief:
        return f"**Rule:** {rule_title(plan)}; how it works and its sources: see the link"
    sources = recommendation.action.citations or plan.citations
    lines = "\n".join(f"- {_citation(source)}" for source in sources)
    return f"**Rule:** {rule_title(plan)}" + (f"\n\n{lines}" if lines else "")


def rule_title(plan: Plan) -> str:
    """The plan's title and version, and whether a clinician has reviewed it."""
    review = (
        f"reviewed {plan.reviewed_on}" if plan.reviewed_on else "not reviewed by a clinician yet"
    )
    return f"{plan.title}, version {plan.version} (policy, {review})"


def _citation(citation: Citation) -> str:
    # A parenthesis would end the Markdown link early.
    url = citation.url.replace("(", "%28").replace(")", "%29")
    label = f"[{citation.label}]({url})" if url else citation.label
    return f"{label}: {citation.text}" if citation.text else label


def _escaped(text: str) -> str:
    """Like `escape_markdown`, whatever the length: a reason or a formula is never cut."""
    return escape_markdown(text, limit=len(text))
