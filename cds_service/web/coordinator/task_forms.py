"""What people type about a task, read into changes. What cannot be read is asked for again."""

from collections.abc import Callable, Collection, Mapping
from datetime import date

from cds_service.coordination.changes import (
    Assign,
    Cancel,
    Change,
    Comment,
    Finish,
    MoveDue,
    Override,
    Return,
    Snooze,
)
from cds_service.coordination.snoozing import Thresholds
from cds_service.errors import RequestError

Form = Mapping[str, str]


class FormError(RequestError):
    """A form that cannot be read as it is; the text says what to do, for the person who typed."""


def simple_change(what: str, form: Form, owners: Collection[str]) -> Change:
    """A change that needs no page of its own. Raises FormError."""
    return _SIMPLE[what](form, owners)


def way_out(how: str, form: Form, thresholds: Thresholds) -> Change:
    """A change that puts the task away. Raises FormError."""
    return _WAYS_OUT[how](form, thresholds)


def day_in(form: Form, name: str) -> date | None:
    """The day of a field; None when it is empty. Raises FormError."""
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FormError("The date cannot be read. Write it like 2026-11-30.") from None


def _assign(form: Form, owners: Collection[str]) -> Change:
    owner = form.get("owner")
    if owner is None or owner not in owners:
        raise FormError("That person is not known here. Choose one of the list.")
    return Assign(owner)


def _move_due(form: Form, _: Collection[str]) -> Change:
    return MoveDue(day_in(form, "due"))


def _comment(form: Form, _: Collection[str]) -> Change:
    return Comment(form.get("comment", ""))


def _return(_form: Form, _: Collection[str]) -> Change:
    return Return()


def _snooze(form: Form, thresholds: Thresholds) -> Change:
    until = day_in(form, "until")
    if until is None:
        raise FormError("Choose the day on which the task is to be back.")
    return Snooze(until, form.get("reason", ""), thresholds, form.get("comment", ""))


def _override(form: Form, thresholds: Thresholds) -> Change:
    reason, comment = form.get("reason", ""), form.get("comment", "")
    return Override(reason, thresholds, comment, day_in(form, "on"))


def _finish(form: Form, thresholds: Thresholds) -> Change:
    return Finish(thresholds, form.get("comment", ""))


def _cancel(form: Form, _: Thresholds) -> Change:
    return Cancel(form.get("comment", ""))


_SIMPLE: dict[str, Callable[[Form, Collection[str]], Change]] = {
    "assign": _assign,
    "due": _move_due,
    "comment": _comment,
    "return": _return,
}
_WAYS_OUT: dict[str, Callable[[Form, Thresholds], Change]] = {
    "snooze": _snooze,
    "override": _override,
    "done": _finish,
    "cancel": _cancel,
}
CHANGES = tuple(_SIMPLE)
WAYS_OUT = tuple(_WAYS_OUT)
