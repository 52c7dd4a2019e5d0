"""The worklist: whom to call, why, by when, and of whom something could not be checked."""

from collections.abc import Callable

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from cds_service.coordination.kinds import Kind
from cds_service.coordination.tasks import WorkTask
from cds_service.coordination.worklist import Row
from cds_service.errors import ChangeRefusedError
from cds_service.store.saved_views import SavedView
from cds_service.store.work_ledger import WantedTasks
from cds_service.web.access.audit import note_access
from cds_service.web.access.session import current_session
from cds_service.web.coordinator.desk import Desk, back_to, with_said
from cds_service.web.coordinator.safe_text import visible
from cds_service.web.coordinator.worklist_export import csv_name, worklist_csv
from cds_service.web.coordinator.worklist_page import Listing, listing
from cds_service.web.coordinator.worklist_query import (
    PAGE_SIZES,
    WINDOWS,
    list_query,
    query_text,
    view_text,
)

_SEE_OTHER = 303
_BAD_REQUEST = 400
_LONGEST_SEARCH = 100
_MOST_TASKS = max(PAGE_SIZES) * len(Kind)
"""More than the largest page holds: each of its rows with a task of every kind."""


def worklist_blueprint(desk: Desk, read_now: Callable[[], None] | None = None) -> Blueprint:
    """GET /worklist with its print view, export and guide; POST for what is done to many.

    `read_now` has all patients read in the background; None where nothing reads them.
    """
    blueprint = Blueprint(
        "worklist",
        __name__,
        url_prefix="/worklist",
        template_folder="../templates",
        static_folder="../static",
        static_url_path="/static",
    )
    _add_views(blueprint, desk)
    _add_searches(blueprint, desk)
    _add_acts(blueprint, desk, read_now)
    blueprint.context_processor(lambda: {"can_read_now": read_now is not None})
    return blueprint


def _add_views(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("")
    def show() -> str | AnyResponse:
        views = desk.store.views.of(_me())
        default = next((view for view in views if view.is_default), None)
        if default is not None and not request.args:
            # Its filters stand in the address, so that nobody takes it for the whole list.
            return redirect(f"{url_for('worklist.show')}?{default.query}", _SEE_OTHER)
        return _page(desk, views)

    @blueprint.get("/print")
    def printed() -> str:
        found = _listing(desk)
        _note("printed", found, found.rows)
        return render_template("coordinator/worklist_print.html", **desk.words(found=found))

    @blueprint.get("/export")
    def export() -> Response:
        found = _listing(desk)
        _note("exported as CSV", found, found.rows)
        answer = Response(worklist_csv(found.rows, desk), content_type="text/csv; charset=utf-8")
        named = csv_name(desk.now())
        answer.headers["Content-Disposition"] = f'attachment; filename="{named}"'
        return answer

    @blueprint.get("/help")
    def guide() -> str:
        return render_template("coordinator/guide.html", **desk.words())


def _add_searches(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.post("/find")
    def find() -> AnyResponse:
        text = visible(request.form.get("text", ""))[:_LONGEST_SEARCH]
        if not text:
            return redirect(url_for("worklist.show", lane="all"), _SEE_OTHER)
        kept = desk.store.views.keep_search(_me(), text, desk.now())
        return redirect(url_for("worklist.show", lane="all", find=kept), _SEE_OTHER)

    @blueprint.post("/views")
    def save_view() -> AnyResponse | tuple[str, int]:
        query = list_query(request.args)
        name = visible(request.form.get("name", ""))
        is_default = request.form.get("default") == "yes"
        try:
            desk.store.views.save(_me(), SavedView(name, view_text(query), is_default))
        except ChangeRefusedError as refusal:
            return _page(desk, desk.store.views.of(_me()), str(refusal)), _BAD_REQUEST
        return redirect(with_said(back_to(), "view-saved"), _SEE_OTHER)

    @blueprint.post("/views/delete")
    def delete_view() -> AnyResponse:
        desk.store.views.delete(_me(), request.form.get("name", ""))
        return redirect(with_said(back_to(), "view-deleted"), _SEE_OTHER)


def _add_acts(blueprint: Blueprint, desk: Desk, read_now: Callable[[], None] | None = None) -> None:
    @blueprint.post("/refresh")
    def refresh() -> AnyResponse:
        """Has all patients read anew. Nobody waits for it: the page says how far it is."""
        if read_now is None:
            return redirect(with_said(back_to(), "not-read-here"), _SEE_OTHER)
        note_access("E", "asked to have all patients read")
        read_now()
        return redirect(with_said(back_to(), "reading"), _SEE_OTHER)

    @blueprint.post("/assign")
    def assign() -> AnyResponse:
        """Gives the open tasks of the rows chosen to one person; `mine` is one row for me."""
        mine = request.form.get("mine", "")
        owner = _me() if mine else request.form.get("owner", "")
        known = {"", _me(), *(person.id for person in desk.people())}
        chosen = _versions([mine] if mine else request.form.getlist("tasks"))
        if not chosen or owner not in known or (not mine and "owner" not in request.form):
            return redirect(with_said(back_to(), "nothing-chosen"), _SEE_OTHER)
        if len(chosen) > _MOST_TASKS:
            return redirect(with_said(back_to(), "too-many"), _SEE_OTHER)
        known_tasks = desk.store.work.found(WantedTasks(ids=tuple(chosen)))
        patients = sorted({task.patient_id for task in known_tasks})
        if not patients or len(patients) > max(PAGE_SIZES):
            said = "too-many" if patients else "nothing-chosen"
            return redirect(with_said(back_to(), said), _SEE_OTHER)
        _note_assigned(known_tasks, patients)
        done = desk.store.work.assign_all(chosen, owner, _me(), desk.now())
        counts = {"given": str(len(done.given)), "left": str(len(done.changed_meanwhile))}
        return redirect(with_said(back_to(), "assigned", **counts), _SEE_OTHER)


def _page(desk: Desk, views: list[SavedView], problem: str = "") -> str:
    found = _listing(desk)
    shown = found.page
    _note(f"page {shown.number}", found, list(shown.rows))
    return render_template(
        "coordinator/worklist.html",
        **desk.words(
            found=found,
            shown=shown,
            views=views,
            problem=problem,
            people=desk.people(),
            list_url=url_for("worklist.show"),
            here=f"{url_for('worklist.show')}?{query_text(found.query)}",
            query=query_text(found.query),
            said=request.args.get("said", ""),
            latest=desk.store.refreshes.latest(),
            sizes=PAGE_SIZES,
            windows=WINDOWS,
        ),
    )


def _listing(desk: Desk) -> Listing:
    return listing(desk, list_query(request.args), _me(), desk.now())


def _note(what: str, found: Listing, rows: list[Row]) -> None:
    """Written down before anything is shown: which patients, by which filters."""
    listed = [row.identity.patient_id for row in rows]
    query = query_text(found.query)
    patients = "1 patient" if len(rows) == 1 else f"{len(rows)} patients"
    note_access("R", f"worklist {what}: {query}; {patients}: {', '.join(listed)}", listed)


def _note_assigned(chosen: list[WorkTask], patients: list[str]) -> None:
    tasks = "1 task" if len(chosen) == 1 else f"{len(chosen)} tasks"
    note_access("U", f"assigned {tasks}: {', '.join(task.id for task in chosen)}", patients)


def _versions(chosen: list[str]) -> dict[str, int]:
    """Task ids with the versions looked at; what is not written so is left out."""
    found = {}
    for each in (part for value in chosen for part in value.split(",")):
        task_id, _, version = each.partition(":")
        if task_id and version.isascii() and version.isdigit() and len(version) < _LONGEST_NUMBER:
            found[task_id] = int(version)
    return found


_LONGEST_NUMBER = 10


def _me() -> str:
    return current_session().person.id
