"""A form that was sent when the session had just ended: it comes back to whoever sent it.

It is kept on the server, encrypted, for that person alone; nothing of it is done until the person
has signed in again, looked at it, and sent it once more.
"""

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, current_app, redirect, render_template, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from cds_service.store.form_ledger import KeptForm
from cds_service.store.open_store import Store
from cds_service.web.access.audit import note_access
from cds_service.web.access.roles import PAGES
from cds_service.web.access.session import current_session, is_csrf_token

PATH_FIELD = "kept_path"
"""Names the page a form was meant for, when the browser hands it in before it is sent."""

SENT_AGAIN = "from_kept_form"
"""Says that a form is the kept one, sent once more."""

_OURS = ("csrf_token", PATH_FIELD, SENT_AGAIN)
_PLUMBING = ("back", "version", "patient", "reading_id", "confirm", "fingerprint")
"""Fields that nobody typed or chose: they are sent again, and not shown."""

_MOST_FIELDS = 500
_SEE_OTHER = 303


def keep_form(store: Store, secret: str, now: datetime) -> bool:
    """Keeps the running request's form for the person whose session it was.

    False when there is none, the session is not remembered, or the form was opened in none of this
    person's: a foreign page must not put words into somebody's mouth. Raises StoreError.
    """
    person = store.sessions.whose(secret) if request.method == "POST" and secret else None
    if person is None:
        return False
    path = request.form.get(PATH_FIELD, "") or request.path
    sent = request.form.get("csrf_token", "")
    is_theirs = any(is_csrf_token(each, sent) for each in store.sessions.form_tokens_of(person.id))
    if not is_theirs or not endpoint_of(path, "POST"):
        return False
    fields = tuple(
        (name, text) for name, text in request.form.items(multi=True) if name not in _OURS
    )
    if len(fields) > _MOST_FIELDS:
        return False
    return store.forms.keep(person.id, KeptForm(path, fields, now))


def endpoint_of(path: str, method: str) -> str:
    """The page of ours that a path names; '' for any other."""
    if not path.startswith("/") or path.startswith("//") or not path.isprintable():
        return ""
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method)
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return ""
    # Signing out is nothing to come back to.
    return endpoint if endpoint in PAGES and not endpoint.startswith("session.") else ""


def patient_of(store: Store, form: KeptForm) -> str:
    """The patient of whom a form speaks, '' when it names none. Raises StoreError."""
    try:
        _, values = current_app.url_map.bind("").match(form.path, "POST")
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return ""
    named: Mapping[str, object] = values
    if "task_id" in named and "patient_id" not in named:
        task = store.work.task(str(named["task_id"]))
        return task.patient_id if task else ""
    return str(named.get("patient_id") or dict(form.fields).get("patient", ""))


def waiting_form(store: Store, now: datetime) -> KeptForm | None:
    """The form that waits for the person of this session, if it may be shown in it.

    A session of one patient's chart does not show a form about another: it waits on.
    """
    session = current_session()
    form = store.forms.find(session.person.id, now)
    if form is None or not endpoint_of(form.path, "POST"):
        return None
    return form if session.patient == "" or patient_of(store, form) == session.patient else None


def drop_form(store: Store, now: datetime) -> None:
    """Forgets the form that waits; one that this session may not show waits on. StoreError."""
    if waiting_form(store, now) is not None:
        store.forms.drop(current_session().person.id)


def kept_form_blueprint() -> Blueprint:
    """GET /kept-form, and POST /kept-form/drop."""
    blueprint = Blueprint("kept_form", __name__, template_folder="../templates")

    @blueprint.get("/kept-form")
    def show() -> str:
        access = current_app.extensions["access"]
        form = waiting_form(access.store, access.clock())
        if form is None:
            raise NotFound
        patient_id = patient_of(access.store, form)
        note_access("R", "form that was kept", patient_id)
        known = access.store.work.status(patient_id) if patient_id else None
        shown = [
            (_label(name), text)
            for name, text in form.fields
            if text.strip() and name not in _PLUMBING
        ]
        identity = known.identity if known else None
        return render_template("access/kept_form.html", form=form, shown=shown, identity=identity)

    @blueprint.post("/kept-form/drop")
    def drop() -> AnyResponse:
        access = current_app.extensions["access"]
        session = current_session()
        drop_form(access.store, access.clock())
        asked = f"/patients/{session.patient}" if session.patient else "/worklist"
        return redirect(asked, _SEE_OTHER)

    return blueprint


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
