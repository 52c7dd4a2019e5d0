"""Feedback over real HTTP: what is set aside stays away, what must come back does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from cds_service.app.wiring import wire
from cds_service.settings import PlanSettings, PlanUse, Settings
from cds_service.store.open_store import Store, open_store
from cds_service.web import create_app
from tests.cases.golden_case import GoldenCase, golden_cases
from tests.web.served import Caller, served

CASES = {case.id: case for case in golden_cases()}
UPCOMING = CASES["itb-refill/1-day-before-target"]
OVERDUE = CASES["itb-refill/on-alarm-day"]
UNREAD = CASES["itb-refill/appointments-unread"]
HL7 = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"


@dataclass
class Site:
    """A service with its own store, at a moment that a test moves."""

    caller: Caller
    store: Store
    now: datetime

    def open_chart(self, case: GoldenCase, **context: str) -> list[dict[str, Any]]:
        body = msgspec.json.decode(case.body)
        body["context"] |= context
        answer = self.caller.post(
            msgspec.json.encode(body), path=f"/cds-services/{service_of(body['hook'])}"
        )
        assert answer.status_code == 200
        cards: list[dict[str, Any]] = answer.json()["cards"]
        return cards

    def say(self, *items: object, service: str = "itb-patient-view") -> dict[str, Any]:
        answer = self.caller.post(
            msgspec.json.encode({"feedback": items}), path=f"/cds-services/{service}/feedback"
        )
        assert answer.status_code == 200
        told: dict[str, Any] = answer.json()
        return told

    def override(self, card: dict[str, Any], code: str = "inappropriate-recipient") -> None:
        self.say(
            {
                "card": card["uuid"],
                "outcome": "overridden",
                "overrideReason": {"reason": {"code": code, "system": HL7}},
                "outcomeTimestamp": self.now.isoformat(),
            }
        )


def service_of(hook: str) -> str:
    return f"itb-{hook}"


def topics(cards: list[dict[str, Any]]) -> list[str]:
    return [card["source"]["topic"]["code"] for card in cards]


@contextmanager
def a_site(case: GoldenCase, folder: Path | None = None, **settings: Any) -> Iterator[Site]:
    made = wire(Settings(**settings))
    store = open_store(folder, lambda: case.now)
    site = Site(Caller(""), store, case.now)
    with served(create_app(replace(made, clock=lambda: site.now, store=store))) as address:
        site.caller = Caller(address)
        yield site
        site.caller.session.close()
    store.close()


@pytest.fixture
def upcoming(tmp_path: Path) -> Iterator[Site]:
    with a_site(UPCOMING, tmp_path) as site:
        yield site


def test_a_card_set_aside_stays_away_until_the_day_to_act_by(upcoming: Site):
    (card,) = upcoming.open_chart(UPCOMING)
    assert topics([card]) == ["itbRefillUpcoming"]
    upcoming.override(card)

    with capture_logs() as logs:
        assert upcoming.open_chart(UPCOMING) == []

    (told,) = [entry for entry in logs if entry["event"] == "cards withheld"]
    assert told["withheld"] == ["itbRefillUpcoming: snoozed"]
    assert told["all"] is True
    # The case stands one day before the target date, by which the card suggests to act.
    upcoming.now += timedelta(days=1)
    assert topics(upcoming.open_chart(UPCOMING)) == ["itbRefillDue"]


def test_others_go_on_seeing_it(upcoming: Site):
    (card,) = upcoming.open_chart(UPCOMING)
    upcoming.override(card)

    assert len(upcoming.open_chart(UPCOMING, userId="Practitioner/another")) == 1


def test_a_record_that_changes_brings_it_back(upcoming: Site):
    (card,) = upcoming.open_chart(UPCOMING)
    upcoming.override(card)
    assert upcoming.open_chart(UPCOMING) == []

    renamed = replace(UPCOMING, body=UPCOMING.body.replace(b"medadmin", b"corrected-medadmin"))
    changed = renamed if renamed.body != UPCOMING.body else _with_new_fill_id(UPCOMING)

    assert topics(upcoming.open_chart(changed)) == ["itbRefillUpcoming"]


def _with_new_fill_id(case: GoldenCase) -> GoldenCase:
    body = msgspec.json.decode(case.body)
    for entry in body["prefetch"]["medicationAdministrations"]["entry"]:
        entry["resource"]["id"] += "-corrected"
    return replace(case, body=msgspec.json.encode(body))


def test_a_critical_always_comes_back(tmp_path: Path):
    with a_site(OVERDUE, tmp_path) as site:
        cards = site.open_chart(OVERDUE)
        for card in cards:
            site.override(card, "patient-refuses")

        again = site.open_chart(OVERDUE)

    assert "critical" in {card["indicator"] for card in cards}
    assert again[0]["indicator"] == "critical"


def test_what_could_not_be_checked_always_comes_back(tmp_path: Path):
    with a_site(UNREAD, tmp_path) as site:
        for card in site.open_chart(UNREAD):
            site.override(card, "need-more-info")

        assert "itbCouldNotCheck" in topics(site.open_chart(UNREAD))


def test_a_restart_forgets_no_snooze(tmp_path: Path):
    with a_site(UPCOMING, tmp_path) as site:
        site.override(site.open_chart(UPCOMING)[0])
    with a_site(UPCOMING, tmp_path) as site:
        assert site.open_chart(UPCOMING) == []


def test_a_store_that_fails_shows_more_and_not_less(tmp_path: Path):
    with a_site(UPCOMING, tmp_path) as site:
        site.override(site.open_chart(UPCOMING)[0])
        assert site.open_chart(UPCOMING) == []
        site.store.queue.flush()
        with site.store.engine.connect() as connection:
            connection.exec_driver_sql("DROP TABLE feedback")
            connection.commit()

        with capture_logs() as logs:
            assert len(site.open_chart(UPCOMING)) == 1
            site.store.queue.flush()

        assert [entry["event"] for entry in logs].count("store failed") == 1
        refused = site.caller.post(
            b'{"feedback":[{"card":"x","outcome":"overridden"}]}',
            path="/cds-services/itb-patient-view/feedback",
        )
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert "itb_cds_store_failures_total 2.0" in site.caller.get("/metrics").text


def test_batches_repeats_and_unknown_cards_are_taken(upcoming: Site):
    (card,) = upcoming.open_chart(UPCOMING)
    accepted = {
        "card": card["uuid"],
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
        "outcomeTimestamp": "2026-11-22T09:00:00Z",
    }
    unknown = {"card": "no-such", "outcome": "overridden", "outcomeTimestamp": "x"}

    told = upcoming.say(accepted, unknown, accepted, {"card": 5})

    assert told == {"received": 3, "repeated": 1, "unknownCards": 1, "notUnderstood": 1}
    counted = upcoming.caller.get("/metrics").text
    assert 'itb_cds_feedback_total{outcome="accepted",topic="itbRefillUpcoming"} 1.0' in counted
    assert 'itb_cds_feedback_total{outcome="overridden",topic="unknown"} 1.0' in counted


def test_the_report_over_http_counts_and_quotes_nobody(upcoming: Site):
    (card,) = upcoming.open_chart(UPCOMING)
    upcoming.say(
        {
            "card": card["uuid"],
            "outcome": "overridden",
            "overrideReason": {"userComment": "CANARY refilled at the other site 2026-11-20"},
            "outcomeTimestamp": "2026-11-22T09:00:00Z",
        }
    )
    upcoming.now += timedelta(minutes=1)

    answer = upcoming.caller.get("/operations/feedback?days=7")

    assert answer.status_code == 200
    assert "CANARY" not in answer.text
    (topic,) = answer.json()["topics"]
    assert (topic["topic"], topic["shown"], topic["overridden"]) == ("itbRefillUpcoming", 1, 1)
    for days in ("0", "x", "99999", "-1"):
        assert upcoming.caller.get(f"/operations/feedback?days={days}").status_code == 400


def test_no_comment_user_or_patient_stands_in_log_or_metrics(upcoming: Site):
    context = {"userId": "Practitioner/CANARY-USER"}
    with capture_logs() as logs:
        (card,) = upcoming.open_chart(UPCOMING, **context)
        upcoming.say(
            {
                "card": card["uuid"],
                "outcome": "overridden",
                "overrideReason": {
                    "reason": {"code": "CANARY-CODE", "system": "x", "display": "CANARY-WORDS"},
                    "userComment": "CANARY-COMMENT",
                },
                "outcomeTimestamp": "2026-11-22T09:00:00Z",
            }
        )

    assert "CANARY" not in str(logs)
    assert "CANARY" not in upcoming.caller.get("/metrics").text


def test_the_file_of_the_store_names_neither_patient_nor_user(tmp_path: Path):
    context = {"userId": "Practitioner/CANARY-USER"}
    with a_site(UPCOMING, tmp_path) as site:
        site.override(site.open_chart(UPCOMING, **context)[0])
        patient = msgspec.json.decode(UPCOMING.body)["context"]["patientId"]
        uuid = site.open_chart(OVERDUE)[0]["uuid"]
        site.store.queue.flush()
        kept = site.store.cards.entries(uuid)

    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"CANARY" not in written
    assert all(f"Patient/{patient}".encode() not in entry.content for entry in kept)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"no json", {}, 400),
        (b"{}", {}, 400),
        (b'{"feedback":[]}', {}, 200),
        (b'{"feedback":[]}', {"Content_Type": "text/plain"}, 415),
    ],
)
def test_only_a_body_that_cannot_be_read_is_refused(
    upcoming: Site, body: bytes, headers: dict[str, str], status: int
):
    path = "/cds-services/itb-patient-view/feedback"

    assert upcoming.caller.post(body, path=path, **headers).status_code == status


def test_an_unknown_service_has_no_feedback(upcoming: Site):
    path = "/cds-services/nope/feedback"

    assert upcoming.caller.post(b'{"feedback":[]}', path=path).status_code == 404


@pytest.mark.parametrize(
    ("use", "user", "why"),
    [
        (PlanUse("silent"), "Practitioner/1", "silent"),
        (PlanUse("live", ("PractitionerRole",)), "Practitioner/1", "audience"),
        (PlanUse("live", ("PractitionerRole",)), "PractitionerRole/1", ""),
        (PlanUse("silent"), "Patient/1", "patient"),
    ],
)
def test_a_plan_speaks_only_to_whom_the_site_wants(use: PlanUse, user: str, why: str):
    plans = PlanSettings(uses={"itb-refill": use})
    with a_site(UPCOMING, plans=plans) as site:
        with capture_logs() as logs:
            shown = site.open_chart(UPCOMING, userId=user)
        site.now += timedelta(minutes=1)
        (topic,) = site.caller.get("/operations/feedback").json()["topics"]

    withheld = [entry["withheld"] for entry in logs if entry["event"] == "cards withheld"]
    assert withheld == ([[f"itbRefillUpcoming: {why}"]] if why else [])
    assert bool(shown) is not bool(why)
    assert topic["withheld"] == ({why: 1} if why else {})


def test_a_plan_that_is_off_is_not_evaluated():
    plans = PlanSettings(uses={"itb-refill": PlanUse("off")})
    with a_site(UPCOMING, plans=plans) as site:
        with capture_logs() as logs:
            assert site.open_chart(UPCOMING) == []
        assert site.caller.get("/operations/feedback").json()["topics"] == []

    assert "cards withheld" not in [entry["event"] for entry in logs]


def test_what_a_plan_that_is_off_leaves_unread_is_still_told():
    plans = PlanSettings(uses={"itb-refill": PlanUse("off")})
    with a_site(UNREAD, plans=plans) as site:
        assert topics(site.open_chart(UNREAD)) == ["itbCouldNotCheck"]


@pytest.mark.parametrize(
    "stamp", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z"]
)
def test_a_time_that_stands_for_none_takes_no_card_away(upcoming, stamp):
    (card,) = upcoming.open_chart(UPCOMING)
    upcoming.say({"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": stamp})

    (again,) = upcoming.open_chart(UPCOMING)

    assert again["source"]["topic"] == card["source"]["topic"]


def test_more_days_than_there_are_is_a_bad_request(upcoming):
    answer = upcoming.caller.get("/operations/feedback?days=" + "9" * 5000)

    assert answer.status_code == 400
