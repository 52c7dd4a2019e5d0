"""What hospital IT sees of the cards: per topic how often shown, accepted, overridden and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.engine import Connection

from cds_service.store.card_ledger import SHOWN
from cds_service.store.database import reading
from cds_service.store.tables import calls, cards, feedback


@dataclass(slots=True)
class TopicReport:
    """One topic. `withheld` counts by cause: snoozed, silent, audience, patient; or folded.

    `reasons` maps the reason's words to how often it was given; '' where none was given.
    """

    topic: str
    shown: int = 0
    withheld: dict[str, int] = field(default_factory=dict)
    accepted: int = 0
    overridden: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """Every topic by name, and the feedback on cards that the ledger does not have."""

    since: datetime
    topics: tuple[TopicReport, ...]
    on_unknown_cards: int


def feedback_report(
    engine: Engine, since: datetime, *, with_comments: bool = False
) -> FeedbackReport:
    """The report from a moment on. Comments may name anybody. Raises StoreError."""
    topics: dict[str, TopicReport] = {}
    unknown = 0
    with reading(engine) as connection:
        for topic, fate, count in _fates(connection, since):
            report = topics.setdefault(topic, TopicReport(topic))
            if fate == SHOWN:
                report.shown = count
            else:
                report.withheld[fate] = count
        for row in _outcomes(connection, since):
            if row.topic is None:
                unknown += 1
            else:
                _count(topics.setdefault(row.topic, TopicReport(row.topic)), row, with_comments)
    return FeedbackReport(since, tuple(topics[name] for name in sorted(topics)), unknown)


def report_json(report: FeedbackReport) -> dict[str, Any]:
    """The report for machines, comments only where there are any."""
    return {
        "since": report.since.isoformat(),
        "feedbackOnUnknownCards": report.on_unknown_cards,
        "topics": [_topic_json(topic) for topic in report.topics],
    }


def _topic_json(topic: TopicReport) -> dict[str, Any]:
    said: dict[str, Any] = {
        "topic": topic.topic,
        "shown": topic.shown,
        "withheld": topic.withheld,
        "accepted": topic.accepted,
        "overridden": topic.overridden,
        "reasons": [{"reason": name, "count": topic.reasons[name]} for name in topic.reasons],
    }
    return said | ({"comments": topic.comments} if topic.comments else {})


def _fates(connection: Connection, since: datetime) -> Iterable[Any]:
    # A call that was repeated shows the same card again: its uuid counts once.
    wanted = (
        select(cards.c.topic, cards.c.fate, func.count(cards.c.uuid.distinct()))
        .join(calls, calls.c.id == cards.c.call)
        .where(calls.c.answered_at >= int(since.timestamp()))
        .group_by(cards.c.topic, cards.c.fate)
        .order_by(cards.c.topic, cards.c.fate)
    )
    return connection.execute(wanted)


def _outcomes(connection: Connection, since: datetime) -> Iterable[Any]:
    topic = (
        select(cards.c.topic)
        .join(calls, calls.c.id == cards.c.call)
        .where(cards.c.uuid == feedback.c.card, calls.c.client == feedback.c.client)
        .limit(1)
        .scalar_subquery()
    )
    wanted = (
        select(feedback, topic.label("topic"))
        .where(feedback.c.received_at >= int(since.timestamp()))
        .order_by(feedback.c.received_at, feedback.c.key)
    )
    return connection.execute(wanted)


def _count(report: TopicReport, row: Any, with_comments: bool) -> None:
    if row.outcome == "accepted":
        report.accepted += 1
        return
    report.overridden += 1
    reason = row.reason_code or row.reason_display
    report.reasons[reason] = report.reasons.get(reason, 0) + 1
    if with_comments and row.comment:
        report.comments.append(row.comment)
