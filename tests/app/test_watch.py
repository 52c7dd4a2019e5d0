"""People hear once when nobody calls, and once when it is over: by mail, file and log."""

import email
import socketserver
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from cds_service.app.heartbeat import beat
from cds_service.app.posting import post
from cds_service.app.watch import Watch
from cds_service.errors import MailError
from cds_service.settings import DeadManSettings, DigestSettings, Settings, StoreSettings
from cds_service.settings.digest import MailSettings
from cds_service.store.counts_ledger import Counted
from cds_service.store.open_store import Store, open_store
from cds_service.web.tally import Tally
from tests.coordination.builders import REFILL_DUE, a_status

MONDAY = datetime(2026, 11, 23, 9, 20, tzinfo=UTC)
HOUR = int(MONDAY.timestamp() // 3600)
WEEK = 7 * 24


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server on this machine that keeps what it is sent; `refuses` a recipient."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mailing)
        self.mails: list[Message] = []
        self.refuses = False


class _Mailing(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 test")
        for line in self.rfile:
            word = line.split(b" ")[0].strip().upper()
            if word == b"DATA":
                self._take()
            elif word == b"RCPT" and self.server.refuses:
                self._say("550 no such person")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line)
        self.server.mails.append(email.message_from_bytes(b"".join(lines)))
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def ways(server: MailServer, folder: Path | None = None) -> DigestSettings:
    port = server.server_address[1]
    mail = MailSettings(
        "127.0.0.1", "cds@example.org", ("nurse@example.org",), port=port, starttls=False
    )
    return DigestSettings(folder=folder, mail=mail)


def watch(store: Store, now: datetime, settings: Settings, refresh: str = "") -> Watch:
    return Watch(settings, store, Tally(lambda: now), lambda: now, lambda _: refresh)


def a_store_with_usual_calls() -> Store:
    """Nine calls in the hour from 08:00 UTC on each of the last four Mondays."""
    store = open_store(None, lambda: MONDAY)
    before = {Counted(HOUR - 1 - WEEK * weeks, "", "call", "x"): 9 for weeks in range(1, 5)}
    store.counts.add(before | {Counted(HOUR - 6 * WEEK, "", "call", "x"): 1})
    return store


def test_silence_is_told_once_and_its_end_once(mail_server, tmp_path):
    store = a_store_with_usual_calls()
    settings = Settings(digest=ways(mail_server, tmp_path))

    watch(store, MONDAY, settings).look()
    watch(store, MONDAY + timedelta(minutes=1), settings).look()

    (mail,) = mail_server.mails
    assert mail["Subject"] == "ITB Pump CDS: no-hook-calls"
    text = str(mail.get_payload())
    assert "ALARM. No EHR called in the hour from 23 Nov 2026, 08:00 UTC" in text
    assert [alert.name for alert in store.alerts.standing()] == ["no-hook-calls"]

    store.counts.add({Counted(HOUR, "", "call", "x"): 1})
    watch(store, MONDAY + timedelta(hours=1), settings).look()

    assert len(mail_server.mails) == 2
    assert "The alarm is over." in str(mail_server.mails[1].get_payload())
    assert store.alerts.standing() == []
    files = sorted(each.name for each in tmp_path.iterdir())
    assert files == [
        "alarm-no-hook-calls-2026-11-23T0920.txt",
        "alarm-no-hook-calls-2026-11-23T1020.txt",
    ]


def test_a_refresh_that_failed_is_told(mail_server):
    store = open_store(None, lambda: MONDAY)
    settings = Settings(digest=ways(mail_server))

    watch(store, MONDAY, settings, "The newest refresh failed.").look()

    assert "ALARM. The newest refresh failed." in str(mail_server.mails[0].get_payload())


def test_what_could_not_be_told_is_told_at_the_next_beat(mail_server):
    store = a_store_with_usual_calls()
    settings = Settings(digest=ways(mail_server))
    mail_server.refuses = True

    with pytest.raises(MailError) as refusal:
        watch(store, MONDAY, settings).look()
    assert "nurse" not in str(refusal.value)

    mail_server.refuses = False
    watch(store, MONDAY + timedelta(minutes=1), settings).look()

    assert len(mail_server.mails) == 1


def test_a_site_can_do_without_the_alarm_of_silence(mail_server):
    settings = Settings(digest=ways(mail_server), dead_man=DeadManSettings(least_usual_calls=0))

    watch(a_store_with_usual_calls(), MONDAY, settings).look()

    assert mail_server.mails == []


def test_counts_move_from_the_process_into_the_store():
    store = open_store(None, lambda: MONDAY)
    seen = watch(store, MONDAY, Settings())
    seen.tally.add("north", [("call", "itb-patient-view")])

    seen.keep_counts()
    seen.keep_counts()

    assert store.counts.by_hour("call", 0) == {HOUR: 1}


def test_the_audit_forgets_whole_days_after_six_years_and_says_so_once():
    store = open_store(None, lambda: MONDAY)
    for days in (2194, 2193, 2192, 0):
        store.audit.append("kim", "p1", f'"{days} days ago"', MONDAY - timedelta(days=days))

    for minutes in range(3):
        watch(store, MONDAY + timedelta(minutes=minutes), Settings()).forget()

    said, today, last = store.audit.rows()
    assert (today.content, last.content) == ('"0 days ago"', '"2192 days ago"')
    event: Any = AuditEvent.model_validate_json(said.content)
    assert (event.action, event.agent[0].name) == ("D", "ITB Pump CDS")
    assert event.outcomeDesc == "2 entries of the audit deleted: kept for 2192 days"
    assert store.audit.first_broken() is None


def test_the_work_on_a_patient_who_left_is_deleted_after_the_sites_days_and_the_audit_says_so():
    kept_for = StoreSettings(left_days=30)
    store = open_store(None, lambda: MONDAY, kept_for)
    store.work.keep(a_status("p1", advice=(REFILL_DUE,)), MONDAY.date())
    store.work.note_gone("p1", "moved away", MONDAY)

    def left_after(**passed: int) -> dict[str, str]:
        watch(store, MONDAY + timedelta(**passed), Settings(store=kept_for)).forget()
        return store.work.known()

    assert left_after(days=30, seconds=-1) == {"p1": "moved away"}
    assert left_after(days=30) == {}
    assert left_after(days=31) == {}

    (said,) = store.audit.rows(patient="p1")
    event: Any = AuditEvent.model_validate_json(said.content)
    assert event.action == "D"
    assert event.outcomeDesc == (
        "work on the patient deleted: kept for 30 days after leaving the list"
    )


def test_a_duty_that_fails_keeps_no_other_from_being_done():
    done = []

    def fails() -> None:
        raise RuntimeError

    beat([fails, lambda: done.append("second")])

    assert done == ["second"]


def test_a_folder_that_cannot_be_written_is_said_and_the_mail_still_goes(mail_server, tmp_path):
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(MailError, match="folder"):
        post(ways(mail_server, tmp_path / "file"), "digest", "Subject", "Body", MONDAY)

    assert len(mail_server.mails) == 1


def test_the_digest_goes_out_once_a_day_after_its_time(mail_server):
    store = open_store(None, lambda: MONDAY)
    settings = Settings(digest=ways(mail_server))
    half_past_six = MONDAY.replace(hour=6, minute=30)

    watch(store, half_past_six - timedelta(minutes=1), settings).send_digest()
    assert mail_server.mails == []

    for minutes in (0, 1, 60):
        watch(store, half_past_six + timedelta(minutes=minutes), settings).send_digest()
    (mail,) = mail_server.mails
    assert mail["Subject"].startswith("ITB pump worklist, 23 Nov 2026")

    watch(store, half_past_six + timedelta(days=1), settings).send_digest()
    assert len(mail_server.mails) == 2


def test_a_digest_that_could_not_be_sent_is_tried_again_and_shown(mail_server):
    store = open_store(None, lambda: MONDAY)
    settings = Settings(digest=ways(mail_server))
    mail_server.refuses = True

    with pytest.raises(MailError):
        watch(store, MONDAY, settings).send_digest()
    last = store.alerts.last_digest()
    assert last is not None
    assert last.state == "failed"

    mail_server.refuses = False
    watch(store, MONDAY + timedelta(minutes=16), settings).send_digest()
    assert len(mail_server.mails) == 1
