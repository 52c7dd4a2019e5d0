"""Sessions stand as long as they may, and the store alone betrays none."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from cds_service.store.open_store import Store, open_store
from cds_service.store.session_ledger import KnownPerson

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
IDLE, ABSOLUTE = timedelta(minutes=15), timedelta(hours=8)
KIM = KnownPerson("site/kim", "Kim", "coordinator")


@pytest.fixture
def store() -> Store:
    return open_store(None, lambda: NOW)


@pytest.mark.parametrize(("minutes", "stands"), [(0, True), (15, True), (15.1, False)])
def test_a_session_ends_when_nothing_is_done(store, minutes, stands):
    secret = store.sessions.begin(KIM, NOW)

    found = store.sessions.find(secret, NOW + timedelta(minutes=minutes), IDLE, ABSOLUTE)

    assert (found is not None) is stands


def test_work_keeps_a_session_up_to_its_last_hour(store):
    secret = store.sessions.begin(KIM, NOW)
    for minutes in range(10, 481, 10):
        assert store.sessions.find(secret, NOW + timedelta(minutes=minutes), IDLE, ABSOLUTE)

    assert store.sessions.find(secret, NOW + timedelta(minutes=481), IDLE, ABSOLUTE) is None


def test_a_session_brings_back_what_it_was_begun_with(store):
    secret = store.sessions.begin(KIM, NOW, "p1", b"token")

    found = store.sessions.find(secret, NOW, IDLE, ABSOLUTE)

    assert found is not None
    assert (found.person, found.patient, found.content) == (KIM, "p1", b"token")


def test_what_is_kept_holds_neither_secret_nor_token(store):
    secret = store.sessions.begin(KIM, NOW, "p1", b"token-of-the-launch")

    with store.engine.connect() as connection:
        kept = str(connection.execute(text("select * from sessions")).all())

    assert secret not in kept
    assert "token-of-the-launch" not in kept


def test_an_ended_session_and_a_made_up_one_are_none(store):
    secret = store.sessions.begin(KIM, NOW)
    store.sessions.end(secret)

    assert store.sessions.find(secret, NOW, IDLE, ABSOLUTE) is None
    assert store.sessions.find("made-up\ud800", NOW, IDLE, ABSOLUTE) is None


def test_people_who_signed_in_are_known_by_their_newest_name(store):
    store.sessions.begin(KIM, NOW)
    store.sessions.begin(KnownPerson("site/kim", "Kim K.", "clinician"), NOW)

    assert store.sessions.people() == [KnownPerson("site/kim", "Kim K.", "clinician")]


@pytest.mark.parametrize(("minutes", "is_found"), [(10, True), (10.1, False)])
def test_a_sign_in_comes_back_once_and_in_time(store, minutes, is_found):
    store.sessions.begin_sign_in("state", b"verifier", NOW)
    later = NOW + timedelta(minutes=minutes)

    first = store.sessions.take_sign_in("state", later, timedelta(minutes=10))
    second = store.sessions.take_sign_in("state", later, timedelta(minutes=10))

    assert first == (b"verifier" if is_found else None)
    assert second is None
