"""The page for the patient: /patients/{id}/handout, released by a clinician before it prints."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cds_service.assessment.handout import Handout, Obstacle, Site, fingerprint, handout
from cds_service.store.handout_ledger import Release
from cds_service.therapy.calendar import day_text
from cds_service.web.access.audit import note_access
from cds_service.web.access.session import current_session
from cds_service.web.coordinator.desk import Desk
from cds_service.web.coordinator.patient_seen import Patients, Seen
from cds_service.web.coordinator.patients import seen_now
from cds_service.web.coordinator.safe_text import visible_lines
from cds_service.web.markdown_text import markdown

_SEE_OTHER = 303
_CONFLICT = 409
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CHANGED = (
    "Nothing was released: the record, the texts or the clinic's details have changed since you "
    "opened this page. Read it again."
)


def handout_blueprint(desk: Desk, patients: Patients) -> Blueprint:
    """GET and POST /patients/{id}/handout; the POST releases what was shown."""
    blueprint = Blueprint("handout", __name__, template_folder="../templates")
    page = _Page(desk, patients)
    path = "/patients/<patient_id>/handout"
    blueprint.add_url_rule(path, "show", page.show)
    blueprint.add_url_rule(path, "release", page.release, methods=["POST"])
    return blueprint


class _Page:
    def __init__(self, desk: Desk, patients: Patients) -> None:
        self._desk = desk
        self._patients = patients
        ours = desk.settings.handout
        number = desk.settings.emergency_number
        self._site = Site(ours.clinic, ours.phone, ours.hours, number)

    def show(self, patient_id: str) -> str:
        seen = seen_now(self._desk, self._patients, patient_id)
        note_access("R", "handout", patient_id)
        return self._rendered(seen)

    def release(self, patient_id: str) -> Response | tuple[str, int]:
        seen = seen_now(self._desk, self._patients, patient_id)
        made, person = self._made(seen), current_session().person
        shown = request.form.get("fingerprint", "")
        if not isinstance(made, Handout) or self._fingerprint(made, seen) != shown:
            note_access("C", "handout not released: it has changed", patient_id, "failed")
            return self._rendered(seen, problem=_CHANGED), _CONFLICT
        note_access("C", "handout released", patient_id)
        released = Release(patient_id, shown, person.id, person.name, self._desk.now())
        self._desk.store.handouts.release(released)
        return redirect(url_for("handout.show", patient_id=patient_id), _SEE_OTHER)

    def _made(self, seen: Seen) -> Handout | tuple[Obstacle, ...] | None:
        """The page, or what stands against it; None without a record read now, or whom to call."""
        if seen.assessment is None or self._desk.settings.handout.missing:
            return None
        return handout(seen.assessment, seen.identity, self._desk.rulebook)

    def _fingerprint(self, made: Handout, seen: Seen) -> str:
        return fingerprint(made, seen.identity, self._site)

    def _rendered(self, seen: Seen, problem: str = "") -> str:
        made = self._made(seen)
        page = made if isinstance(made, Handout) else None
        seal = self._fingerprint(page, seen) if page else ""
        newest = self._desk.store.handouts.newest(seen.identity.patient_id)
        is_released = newest is not None and newest.fingerprint == seal
        found = seen.assessment
        words = self._desk.words(
            seen=seen,
            page=page,
            obstacles=made if isinstance(made, tuple) else (),
            missing_settings=self._desk.settings.handout.missing,
            fingerprint=seal,
            release=newest if is_released else None,
            expired=None if is_released else newest,
            conflicts=found.findings.conflicts if found else (),
            site=self._site,
            problem=problem,
            markdown=lambda text: markdown(visible_lines(text)),
            weekday=weekday_text,
            day_text=day_text,
        )
        return render_template("coordinator/handout.html", **words)


def weekday_text(day: date) -> str:
    """`Monday, 30 Nov 2026`."""
    return f"{_WEEKDAYS[day.weekday()]}, {day_text(day)}"
