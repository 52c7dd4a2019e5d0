"""The digest says first what could not be checked, and names nobody unless the site allows it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from cds_service.coordination.heads import AdviceHead, Reading, StatusHead
from cds_service.coordination.status import Figures
from cds_service.coordination.worklist import worklist
from cds_service.fhir.identity import Identity
from cds_service.store.alert_ledger import Alert
from cds_service.web.coordinator.digest import digest

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=ZoneInfo("Europe/Zurich"))
LINK = "https://cds.example.org/worklist"


def heads() -> list[StatusHead]:
    overdue = AdviceHead(
        "itb-refill", "itbRefillOverdue", "", "critical", "Refill overdue", NOW.date(), True
    )
    return [
        StatusHead(
            Identity("1", "Test, Ada", "1984-05-02", "0001"),
            Reading(NOW, True, (overdue,), 0, Figures()),
            NOW,
        ),
        StatusHead(Identity("2", "Birch, <b>Ben</b>"), None, NOW, "timed out"),
    ]


def made(*, with_names: bool, alarms: tuple[Alert, ...] = ()) -> tuple[str, str]:
    found = worklist(heads(), NOW)
    return digest(found, alarms, NOW, LINK, with_names=with_names)


def test_without_leave_nobody_is_named():
    subject, body = made(with_names=False)

    assert subject == "ITB pump worklist, 23 Nov 2026: 1 act now, 1 cannot check, 0 book"
    for told in ("Test", "Ada", "0001", "1984", "Ben"):
        assert told not in subject + body
    assert "? 1 of 2 patients could not be read" in body
    assert LINK in body


def test_with_leave_those_to_act_on_are_named_with_day_and_reason():
    _, body = made(with_names=True)

    assert "- Test, Ada, born 1984-05-02, MRN 0001" in body
    assert "Refill overdue Act by Mon 23 Nov 2026, today." in body
    assert "The record could not be read." in body


def test_advice_of_a_silent_plan_is_marked():
    silent = frozenset({"itb-refill"})
    _, marked = digest(worklist(heads(), NOW), (), NOW, LINK, with_names=True, silent=silent)
    _, plain = made(with_names=True)

    assert "(Silent plan: the site shows no card of it.)" in marked
    assert "Silent plan" not in plain


def test_an_alarm_stands_before_everything():
    _, body = made(with_names=False, alarms=(Alert("refresh", NOW, "The refresh failed.", True),))

    assert body.startswith("! The refresh failed.")


def test_an_empty_list_is_not_called_quiet():
    _, body = digest(worklist([], NOW), (), NOW, LINK, with_names=False)

    assert "No patient is on the worklist." in body
    assert "Treat this as not checked." in body
