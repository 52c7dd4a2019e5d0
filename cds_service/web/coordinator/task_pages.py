"""A task on its own page: what it says, who has it, what happened to it, and what to do with it."""

from datetime import date
from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from cds_service.coordination.changes import Change
from cds_service.coordination.tasks import Event, WorkTask
from cds_service.errors import ChangedMeanwhileError, ChangeRefusedError, UnknownTaskError
from cds_service.therapy.calendar import add_days
from cds_service.web.access.audit import note_access
from cds_service.web.access.gate import refuse_patient
from cds_service.web.access.session import current_session
from cds_service.web.coordinator.desk import Desk, back_to, with_said
from cds_service.web.coordinator.task_forms import (
    CHANGES,
    WAYS_OUT,
    FormError,
    day_in,
    simple_change,
    way_out,
)
from cds_service.web.coordinator.task_view import put_away_view, task_view

_SEE_OTHER = 303
_BAD_REQUEST = 400
_CONFLICT = 409

_SAID = {
    Event.COMMENTED: "commented",
    Event.OWNED: "owned",
    Event.DUE_MOVED: "due-moved",
    Event.SNOOZED: "snoozed",
    Event.OVERRIDDEN: "overridden",
    Event.SAID_DONE: "said-done",
    Event.DONE: "said-done",
    Event.CANCELLED: "cancelled",
    Event.CAME_BACK: "came-back",
}


def tasks_blueprint(desk: Desk) -> Blueprint:
    """GET /tasks/{id}; POST of changes; a page for each way to put a task away."""
    blueprint = Blueprint("tasks", __name__, template_folder="../templates")
    ways = ", ".join(WAYS_OUT)
    changes = ", ".join(CHANGES)

    @blueprint.get("/tasks/<task_id>")
    def show(task_id: str) -> str:
        task = _task(desk, task_id)
        note_access("R", f"task {task.id}", task.patient_id)
        return _shown(desk, task)

    @blueprint.post(f"/tasks/<task_id>/<any({changes}):what>")
    def change(task_id: str, what: str) -> AnyResponse | tuple[str, int]:
        task = _task(desk, task_id)
        try:
            return _changed(desk, task, simple_change(what, request.form, _owners(desk)))
        except (FormError, ChangeRefusedError) as refusal:
            return _shown(desk, _task(desk, task_id), str(refusal)), _BAD_REQUEST

    @blueprint.route(f"/tasks/<task_id>/<any({ways}):how>", methods=["GET", "POST"])
    def put_away(task_id: str, how: str) -> str | AnyResponse | tuple[str, int]:
        task = _task(desk, task_id)
        if request.method != "POST":
            note_access("R", f"task {task.id}: form {how}", task.patient_id)
            return _form(desk, task, how)
        try:
            return _changed(desk, task, way_out(how, request.form, desk.thresholds))
        except (FormError, ChangeRefusedError) as refusal:
            return _form(desk, task, how, str(refusal)), _BAD_REQUEST

    _add_new(blueprint, desk)
    return blueprint


def _add_new(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.route("/patients/<patient_id>/tasks/new", methods=["GET", "POST"])
    def add(patient_id: str) -> str | AnyResponse | tuple[str, int]:
        if desk.store.work.status(patient_id) is None:
            raise NotFound
        if request.method != "POST":
            note_access("R", "form to add a task", patient_id)
            return _new_form(desk, patient_id)
        try:
            return _added(desk, patient_id)
        except (FormError, ChangeRefusedError) as refusal:
            return _new_form(desk, patient_id, str(refusal)), _BAD_REQUEST


def _task(desk: Desk, task_id: str) -> WorkTask:
    task = desk.store.work.task(task_id)
    if task is None:
        raise NotFound
    if not current_session().may_see(task.patient_id):
        refuse_patient(task.patient_id)
    return task


def _owners(desk: Desk) -> set[str]:
    return {"", current_session().person.id, *(person.id for person in desk.people())}


def _changed(desk: Desk, task: WorkTask, change: Change) -> AnyResponse | tuple[str, int]:
    """Makes the change, and goes back to where the person came from."""
    who, what = current_session().person.id, type(change).__name__
    note_access("U", f"task {task.id}: {what}", task.patient_id)
    try:
        version = _version()
        after = desk.store.work.change(task.id, version, change, who, desk.now())
    except ChangedMeanwhileError as conflict:
        note_access("U", f"task {task.id}: {what}: changed meanwhile", task.patient_id, "failed")
        return _conflict(desk, conflict.current), _CONFLICT
    except ChangeRefusedError as refusal:
        note_access("U", f"task {task.id}: {what}: {refusal.why}", task.patient_id, "failed")
        raise
    except UnknownTaskError:
        raise NotFound from None
    last = desk.store.work.history(after.id)[-1]
    said = _SAID.get(last.what, "")
    if last.what in (Event.OVERRIDDEN, Event.SAID_DONE) and after.mark is not None:
        said += "-kept"
    return redirect(with_said(_back_from(task), said, task=task.id), _SEE_OTHER)


def _back_from(task: WorkTask) -> str:
    """Where the form says it came from, else the task's own page, which leads back further."""
    return back_to(_own_page(task, back_to("", "from")))


def _own_page(task: WorkTask, back: str = "") -> str:
    return url_for("tasks.show", task_id=task.id, back=back or None)


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER):
        raise FormError("The form does not say which version of the task it shows. Load it again.")
    return int(text)


_LONGEST_NUMBER = 10


def _shown(desk: Desk, task: WorkTask, problem: str = "") -> str:
    view = task_view(desk, task)
    said = request.args.get("said", "")
    return render_template(
        "coordinator/task.html",
        **desk.words(
            view=view,
            task=task,
            people=desk.people(),
            said=said,
            problem=problem,
            typed=request.form,
            back=back_to(back_to("", "from") or _home(task.patient_id)),
        ),
    )


def _form(desk: Desk, task: WorkTask, how: str, problem: str = "") -> str:
    view = put_away_view(desk, task, how)
    words = desk.words(
        view=view,
        task=task,
        how=how,
        problem=problem,
        typed=request.form,
        back=back_to(_own_page(task)),
        tomorrow=add_days(desk.now().date(), 1),
    )
    return render_template("coordinator/task_put_away.html", **words)


def _conflict(desk: Desk, current: WorkTask) -> str:
    view = task_view(desk, current)
    typed = {
        name: value
        for name, value in request.form.items()
        if name not in ("csrf_token", "version") and value
    }
    words = desk.words(view=view, task=current, typed=typed, here=request.path)
    return render_template("coordinator/task_conflict.html", **words)


def _new_form(desk: Desk, patient_id: str, problem: str = "") -> str:
    kept = desk.store.work.status(patient_id)
    words = desk.words(
        identity=kept.identity if kept else None,
        problem=problem,
        typed=request.form,
        back=back_to(_home(patient_id)),
    )
    return render_template("coordinator/task_new.html", **words)


def _added(desk: Desk, patient_id: str) -> AnyResponse:
    due: date | None = day_in(request.form, "due")
    note_access("C", "task added", patient_id)
    task = desk.store.work.add_task(
        patient_id, request.form.get("title", ""), due, current_session().person.id, desk.now()
    )
    back = back_to(_home(patient_id))
    return redirect(with_said(back, "added", task=task.id), _SEE_OTHER)


def _home(patient_id: str) -> str:
    """Where to go when nothing says where from: the list, or the one patient of the session."""
    bound = bool(current_session().patient)
    return f"/patients/{quote(patient_id, safe='')}" if bound else "/worklist?lane=all"
