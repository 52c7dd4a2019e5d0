"""The page of one patient: /patients/{id}."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound, ServiceUnavailable
from werkzeug.wrappers import Response

from cds_service.coordination.tasks import WorkTask
from cds_service.errors import ChangeRefusedError, NotObtainedError
from cds_service.fhir.override_reasons import reason_display
from cds_service.guidance.plan import topic_names
from cds_service.guidance.wording import value_text
from cds_service.therapy.calendar import whole_months_between
from cds_service.therapy.dose_history import DoseLine
from cds_service.therapy.fact import Fact
from cds_service.therapy.quantities import plain
from cds_service.therapy.vocabulary import FACTS
from cds_service.web.access.audit import note_access
from cds_service.web.access.launched import launched_in
from cds_service.web.access.session import current_session
from cds_service.web.coordinator.desk import Desk
from cds_service.web.coordinator.patient_page import chart
from cds_service.web.coordinator.patient_seen import Patients, Seen
from cds_service.web.coordinator.safe_text import visible_lines
from cds_service.web.coordinator.task_view import Happened, happened
from cds_service.web.coordinator.what_if import what_if
from cds_service.web.markdown_text import markdown
from cds_service.web.plots.residuals import difference_text

_SEE_OTHER = 303
_MONTHS_A_YEAR = 12
_DAY_LENGTH = len("2026-11-30")


def patients_blueprint(desk: Desk, patients: Patients, card_client: str = "") -> Blueprint:
    """GET /patients/{id}, POST /patients/{id}/what-if and /patients/{id}/notes.

    `card_client` names the EHR whose patient ids these are: what was set aside on its cards is
    shown.
    """
    blueprint = Blueprint("patients", __name__, template_folder="../templates")
    page = _Page(desk, patients, card_client)
    blueprint.add_url_rule("/patients/<patient_id>", "show", page.show)
    blueprint.add_url_rule(
        "/patients/<patient_id>/what-if", "suppose", page.suppose, methods=["POST"]
    )
    blueprint.add_url_rule(
        "/patients/<patient_id>/notes", "add_note", page.add_note, methods=["POST"]
    )
    return blueprint


def seen_now(desk: Desk, patients: Patients, patient_id: str) -> Seen:
    """The patient as read now, for a page. Raises NotFound, ServiceUnavailable and StoreError."""
    is_launched = current_session().patient == patient_id
    try:
        seen = patients.see(patient_id, desk.now(), is_launched=is_launched)
    except NotObtainedError:
        raise ServiceUnavailable(
            "Whether this patient is looked after here could not be found out: the list of "
            "patients could not be read. Try again, or call hospital IT."
        ) from None
    if seen is None:
        raise NotFound
    return seen


class _Page:
    def __init__(self, desk: Desk, patients: Patients, card_client: str) -> None:
        self._desk = desk
        self._patients = patients
        self._card_client = card_client
        self._topics = topic_names(desk.rulebook.plans)

    def show(self, patient_id: str) -> str:
        seen = seen_now(self._desk, self._patients, patient_id)
        note_access("R", "patient page", patient_id)
        return self._rendered(seen, "Your note was kept." if "noted" in request.args else "")

    def suppose(self, patient_id: str) -> str | tuple[str, int]:
        """The page with the days of a reservoir as somebody supposes it; nothing is kept of it."""
        seen = seen_now(self._desk, self._patients, patient_id)
        note_access("R", "patient page, what if", patient_id)
        page = self._rendered(seen, typed=request.form)
        return page if seen.is_live else (page, 503)

    def add_note(self, patient_id: str) -> Response | tuple[str, int]:
        seen = seen_now(self._desk, self._patients, patient_id)
        says, person = request.form.get("says", ""), current_session().person
        note_access("C", "note", patient_id)
        try:
            self._desk.store.work.add_note(patient_id, says, person.id, self._desk.now())
        except ChangeRefusedError as refused:
            return self._rendered(seen, problem=str(refused), unsaved=says), 400
        address = url_for("patients.show", patient_id=patient_id, noted="yes")
        return redirect(f"{address}#tasks", _SEE_OTHER)

    def _rendered(
        self,
        seen: Seen,
        said: str = "",
        problem: str = "",
        unsaved: str = "",
        typed: Mapping[str, str] | None = None,
    ) -> str:
        desk, now = self._desk, self._desk.now()
        launch = launched_in(current_session().content)
        drawn = chart(seen.reading, desk.rulebook, now) if seen.reading else None
        words = desk.words(
            seen=seen,
            chart=drawn,
            what_if=what_if(typed, drawn, desk.thresholds) if typed and drawn else None,
            age=age_text(seen.identity.birth_date, now.date()),
            launch=launch,
            shows_banner=launch is None or launch.needs_banner,
            tasks=self._tasks(seen),
            overrides=desk.store.work.overrides_of(self._card_client, seen.identity.patient_id),
            notes=desk.store.work.notes(seen.identity.patient_id),
            said=said,
            problem=problem,
            unsaved=unsaved,
            here=url_for("patients.show", patient_id=seen.identity.patient_id),
            has_page=lambda name: name in current_app.view_functions,
            markdown=lambda text: markdown(visible_lines(text)),
            difference=difference_text,
            dose_change=dose_change_text,
            volume=volume_text,
            meaning=_meaning,
            plain_value=_plain_value,
            reason_of=lambda code: reason_display(code) if code else "no reason given",
            topic_name=lambda code: self._topics.get(code, code),
        )
        return render_template("coordinator/patient/page.html", **words)

    def _tasks(self, seen: Seen) -> list[tuple[WorkTask, list[Happened]]]:
        work = self._desk.store.work
        return [(task, [happened(each) for each in work.history(task.id)]) for task in seen.tasks]


def age_text(birth_date: str, today: date) -> str:
    """`42 years`, below two years in months; '' where the day of birth is not known."""
    if len(birth_date) != _DAY_LENGTH:
        return ""
    try:
        months = whole_months_between(date.fromisoformat(birth_date), today)
    except ValueError:
        return ""
    if months < 0:
        return ""
    if months < 2 * _MONTHS_A_YEAR:
        return f"{months} month{'' if months == 1 else 's'}"
    return f"{months // _MONTHS_A_YEAR} years"


def volume_text(ml: float | None) -> str:
    """A volume in mL to a tenth."""
    return "not known" if ml is None else f"{ml:.1f}".removesuffix(".0") + " mL"


def dose_change_text(line: DoseLine) -> str:
    """`+20 mcg/day (+20 %)`; '' where the change is not known."""
    if line.change is None:
        return ""
    told = f"{'+' if line.change > 0 else ''}{plain(line.change)} mcg/day ({line.percent:+} %)"
    return told.replace("-", "−")


def _meaning(name: str) -> str:
    definition = FACTS.get(name)
    return definition.meaning if definition else name


def _plain_value(fact: Fact) -> str:
    """A fact's value in words; a yes that cards show as nothing is `yes` here."""
    if fact.value is True:
        return "yes"
    return value_text(fact.value) or "nothing"
