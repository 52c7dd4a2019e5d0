"""Feedback as clients send it, and as they should not."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from cds_service.cds_hooks.feedback import EPIC_REASON, MOST_ITEMS, Reason, read_feedback
from cds_service.errors import RequestError

CARD = "55bda51e-5f67-55eb-8440-e3eb0880b645"
HL7 = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
SENT = "2026-11-22T09:00:00Z"


def overridden(**members: Any) -> dict[str, Any]:
    return {"card": CARD, "outcome": "overridden", "outcomeTimestamp": SENT} | members


def read(*items: object) -> Any:
    return read_feedback(msgspec.json.encode({"feedback": items}))


def test_an_accepted_card_names_its_suggestions():
    (item,) = read(
        {
            "card": CARD.upper(),
            "outcome": "accepted",
            "acceptedSuggestions": [{"id": "b"}, {"id": "a"}],
            "outcomeTimestamp": SENT,
        }
    ).items

    assert (item.card, item.outcome, item.accepted) == (CARD, "accepted", ("a", "b"))
    assert item.outcome_at == datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, Reason()),
        (
            {"overrideReason": {"reason": {"code": "limited-time", "system": HL7}}},
            Reason(HL7, "limited-time"),
        ),
        (
            {"overrideReason": {"reason": {"code": "x", "system": HL7, "display": "X"}}},
            Reason(HL7, "x", "X"),
        ),
        ({"overrideReasons": {"reason": {"code": "x", "system": HL7}}}, Reason(HL7, "x")),
        ({"overrideReasons": {"code": "x", "system": HL7}}, Reason(HL7, "x")),
        ({"overrideReasons": [{"reason": {"code": "x"}}]}, Reason("", "x")),
        (
            {"overrideReason": {"reason": {"coding": [{"code": "x", "system": HL7}]}}},
            Reason(HL7, "x"),
        ),
        (
            {
                "overrideReasons": {
                    "extension": {
                        f"{EPIC_REASON}.reasonCategory": "7",
                        f"{EPIC_REASON}.reasonDisplay": "Seen elsewhere",
                    }
                }
            },
            Reason(EPIC_REASON, "", "Seen elsewhere"),
        ),
        ({"overrideReasons": {"extension": {"other": 1}}}, Reason()),
        ({"overrideReason": "no object"}, Reason()),
        ({"overrideReason": None}, Reason()),
    ],
)
def test_a_reason_is_understood_however_it_is_sent(members: dict[str, Any], reason: Reason):
    (item,) = read(overridden(**members)).items

    assert item.reason == reason


def test_a_comment_is_kept_with_or_without_a_reason():
    (item,) = read(overridden(overrideReasons={"userComment": "Refilled\nat\x00 sea"})).items

    assert item.comment == "Refilled at  sea"


@pytest.mark.parametrize(
    ("comment", "day"),
    [
        ("refilled 2026-11-20", date(2026, 11, 20)),
        ("refilled on 20 Nov 2026 in Bern", date(2026, 11, 20)),
        ("Nov 20, 2026", date(2026, 11, 20)),
        ("November 20 2026, i.e. 2026-11-20", date(2026, 11, 20)),
        ("20/11/2026 or 11/20/2026", None),
        ("2026-11-20 or 2026-11-21", None),
        ("2026-02-30", None),
        ("last week", None),
        ("", None),
    ],
)
def test_a_comment_names_one_day_or_none(comment: str, day: date | None):
    (item,) = read(overridden(overrideReason={"userComment": comment})).items

    assert item.stated_date == day


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (
            "2026-11-22T10:00:00+01:00",
            datetime(2026, 11, 22, 9, tzinfo=UTC),
        ),
        ("2026-11-22T09:00:00.123Z", datetime(2026, 11, 22, 9, 0, 0, 123000, UTC)),
        ("2026-11-22T09:00:00", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
    ],
)
def test_a_time_stamp_may_be_missing_but_is_never_guessed(said: str | None, meant: datetime | None):
    (item,) = read(overridden(outcomeTimestamp=said)).items

    assert item.outcome_at == meant


def test_a_repeat_has_the_same_key_and_nothing_else_has():
    same = [overridden(), overridden(overrideReason={"userComment": "later words"})]
    other = [
        overridden(card="another"),
        overridden(outcomeTimestamp="2026-11-22T09:00:01Z"),
        {**overridden(), "outcome": "accepted"},
        {**overridden(), "acceptedSuggestions": [{"id": "a"}]},
    ]

    assert len({item.key for item in read(*same).items}) == 1
    assert len({item.key for item in read(*same, *other).items}) == 5


@pytest.mark.parametrize(
    "item",
    [
        None,
        5,
        "text",
        [],
        {},
        {"card": CARD},
        {"card": CARD, "outcome": "ignored"},
        {"card": "", "outcome": "accepted"},
        {"card": ["x"], "outcome": "accepted"},
        {"card": CARD, "outcome": "accepted", "acceptedSuggestions": {"id": "a"}},
        {"card": CARD, "outcome": "accepted", "acceptedSuggestions": ["a"]},
        {"card": CARD, "outcome": "accepted", "acceptedSuggestions": [{"id": ""}]},
    ],
)
def test_an_item_that_makes_no_sense_is_counted_and_the_others_are_kept(item: object):
    batch = read(item, overridden())

    assert len(batch.items) == 1
    assert batch.not_understood == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no",
        b"[]",
        b"{}",
        b'{"feedback":{}}',
        b'{"feedback":null}',
        b"\xff",
        b'{"feedback":' + b"[" * 100_000,
        msgspec.json.encode({"feedback": [None] * (MOST_ITEMS + 1)}),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(body: bytes):
    with pytest.raises(RequestError):
        read_feedback(body)
