"""The card ledger and the feedback on its cards."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cds_service.cds_hooks.feedback import Feedback, Reason
from cds_service.settings import StoreSettings
from cds_service.store.card_ledger import AnsweredCall, KeptCard
from cds_service.store.feedback_report import FeedbackReport, feedback_report, report_json
from cds_service.store.open_store import Store, open_store

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
UUID = "55bda51e-5f67-55eb-8440-e3eb0880b645"
CARD = KeptCard(
    UUID, "itb-refill", "0.1.0", "due", "itbRefillDue", "warning", "c1", "shown", "seal"
)
CALL = AnsweredCall("ehr", "itb-patient-view", "patient", "user", NOW, b"content", (CARD,))
OVERRIDDEN = Feedback(UUID, "overridden", reason=Reason("s", "patient-refuses"), said_at="t1")


@pytest.fixture
def store() -> Store:
    return open_store(None, lambda: NOW)


def report(store: Store, **options: bool) -> FeedbackReport:
    return feedback_report(store.engine, NOW - timedelta(days=1), **options)


def test_a_call_comes_back_with_its_content(store: Store):
    store.cards.keep(CALL)
    store.cards.keep(replace(CALL, content=b"newer"))

    newest, first = store.cards.entries(UUID)

    assert (newest.content, first.content) == (b"newer", b"content")
    assert (first.card, first.client, first.patient) == (CARD, "ehr", "patient")
    assert store.cards.entries("unknown") == []


def test_only_a_card_that_was_shown_can_be_replayed(store: Store):
    store.cards.keep(replace(CALL, cards=(replace(CARD, fate="snoozed"),)))

    assert store.cards.entries(UUID) == []


def test_a_repeat_is_kept_once_and_adds_what_was_missing(store: Store):
    store.cards.keep(CALL)
    bare = replace(OVERRIDDEN, reason=Reason())
    said = replace(bare, comment="refilled 2026-11-20", reason=Reason("s", "refilled-elsewhere"))

    assert store.feedback.keep("ehr", [bare, bare], NOW).new == 1
    again = store.feedback.keep("ehr", [said, bare], NOW + timedelta(hours=1))

    assert (again.new, again.repeated, again.unknown_cards) == (0, 2, 0)
    (refill,) = store.feedback.stated_refills()
    assert (refill.on, refill.patient, refill.received_at) == (date(2026, 11, 20), "patient", NOW)


def test_feedback_on_unknown_cards_is_kept_and_counted(store: Store):
    received = store.feedback.keep("ehr", [OVERRIDDEN], NOW)

    assert (received.new, received.unknown_cards) == (1, 1)
    assert received.topics == (("overridden", ""),)
    assert report(store).on_unknown_cards == 1


def test_feedback_that_comes_before_its_card_is_found_later(store: Store):
    store.feedback.keep("ehr", [OVERRIDDEN], NOW)
    store.cards.keep(CALL)

    assert report(store).on_unknown_cards == 0
    assert len(store.feedback.set_aside("ehr", "patient", "user")) == 1


def test_a_card_is_set_aside_for_its_user_patient_and_client_only(store: Store):
    store.cards.keep(CALL)
    store.feedback.keep("ehr", [OVERRIDDEN], NOW)

    (found,) = store.feedback.set_aside("ehr", "patient", "user")
    assert (found.topic, found.cause, found.reason) == ("itbRefillDue", "c1", "patient-refuses")
    for other in (("x", "patient", "user"), ("ehr", "x", "user"), ("ehr", "patient", "x")):
        assert store.feedback.set_aside(*other) == []


def test_another_clients_feedback_sets_nothing_aside(store: Store):
    store.cards.keep(CALL)

    assert store.feedback.keep("other", [OVERRIDDEN], NOW).unknown_cards == 1
    assert store.feedback.set_aside("ehr", "patient", "user") == []


@pytest.mark.parametrize("whose", [{"patient": "second"}, {"user": "second"}])
def test_a_uuid_that_stands_for_two_people_sets_nothing_aside(store: Store, whose: Any):
    store.cards.keep(CALL)
    store.cards.keep(replace(CALL, **whose))
    store.feedback.keep("ehr", [OVERRIDDEN], NOW)

    assert store.feedback.set_aside("ehr", "patient", "user") == []


def test_an_accepted_card_is_not_set_aside(store: Store):
    store.cards.keep(CALL)
    store.feedback.keep("ehr", [replace(OVERRIDDEN, outcome="accepted")], NOW)

    assert store.feedback.set_aside("ehr", "patient", "user") == []


def test_a_client_whose_clock_runs_ahead_prolongs_nothing(store: Store):
    store.cards.keep(CALL)
    ahead = replace(OVERRIDDEN, outcome_at=NOW + timedelta(days=400))
    late = replace(OVERRIDDEN, said_at="t2", outcome_at=NOW - timedelta(days=2))
    store.feedback.keep("ehr", [ahead, late], NOW)

    told = [found.at for found in store.feedback.set_aside("ehr", "patient", "user")]
    assert told == [NOW - timedelta(days=2), NOW]


def test_the_report_counts_by_topic(store: Store):
    upcoming = replace(CARD, uuid="u2", topic="itbRefillUpcoming", fate="snoozed", seal="")
    store.cards.keep(replace(CALL, cards=(CARD, upcoming)))
    store.cards.keep(CALL)
    accepted = Feedback(UUID, "accepted", accepted=("a",), said_at="t3")
    store.feedback.keep("ehr", [replace(OVERRIDDEN, comment="Mrs X says no"), accepted], NOW)

    due, snoozed = report(store).topics

    assert (due.shown, due.accepted, due.overridden) == (1, 1, 1)
    assert due.reasons == {"patient-refuses": 1}
    assert (snoozed.topic, snoozed.shown, snoozed.withheld) == (
        "itbRefillUpcoming",
        0,
        {"snoozed": 1},
    )
    assert "Mrs X" not in str(report_json(report(store)))
    assert "Mrs X" in str(report_json(report(store, with_comments=True)))


def test_comments_are_forgotten_before_the_rest(tmp_path: Path):
    settings = StoreSettings(comment_days=10, ledger_days=20)
    store = open_store(tmp_path, lambda: NOW, settings)
    store.cards.keep(CALL)
    store.feedback.keep("ehr", [replace(OVERRIDDEN, comment="Mrs X")], NOW)

    def kept(days: int) -> tuple[int, list[str]]:
        store.retention.apply(NOW + timedelta(days=days))
        topics = report(store, with_comments=True).topics
        return len(topics), [comment for topic in topics for comment in topic.comments]

    assert kept(9) == (1, ["Mrs X"])
    assert kept(11) == (1, [])
    assert len(store.cards.entries(UUID)) == 1
    assert kept(21) == (0, [])
    assert store.cards.entries(UUID) == []


def test_a_call_is_kept_whole_or_not_at_all(store: Store):
    broken = replace(CARD, topic=None)  # type: ignore[arg-type]

    with pytest.raises(Exception, match=r"NOT NULL|NotNull"):
        store.cards.keep(replace(CALL, cards=(CARD, broken)))

    assert store.cards.entries(UUID) == []
