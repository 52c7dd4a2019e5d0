"""The way to every page: who is it, may they, is the form theirs, and is it written down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound, Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from cds_service.errors import StoreError
from cds_service.settings import Settings
from cds_service.settings.loopback import is_loopback
from cds_service.store.open_store import Store
from cds_service.store.session_ledger import KnownPerson
from cds_service.web.access.audit import Auditor, note_access
from cds_service.web.access.kept_form import SENT_AGAIN, drop_form, keep_form, waiting_form
from cds_service.web.access.person import ROLE_NAMES, Person, Role
from cds_service.web.access.roles import PAGES, WITHOUT_PATIENT
from cds_service.web.access.session import (
    Session,
    SessionCookie,
    is_csrf_token,
    session_of,
)

KEEP_FORM = "session.keep"
SECONDS_TO_COME_BACK = 600
WARN_SECONDS = 60
"""How long before its end a page warns; somebody who needs time to press a button has it."""


_LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods that change nothing: every other needs the session's form."""

_SEE_OTHER = 303
_UNAVAILABLE = 503
DEMO_PEOPLE = {
    Role.COORDINATOR: Person("demo/coordinator", "Kim Coordinator (demo)", Role.COORDINATOR),
    Role.CLINICIAN: Person("demo/clinician", "Dr Casey Clinician (demo)", Role.CLINICIAN),
    Role.IT: Person("demo/it", "Ira Informatics (demo)", Role.IT),
}
"""Whom the demo signs in. They exist nowhere else."""


@dataclass(frozen=True, slots=True)
class Access:
    """What the pages need to know who is there. `is_demo`: the demo's people need no sign-in."""

    settings: Settings
    store: Store
    clock: Callable[[], datetime]
    auditor: Auditor
    cookie: SessionCookie
    is_demo: bool = False

    @property
    def way_back(self) -> SessionCookie:
        """The cookie that keeps the page somebody asked for before signing in."""
        return SessionCookie.of_site(self.settings, "itb_way_back")

    @property
    def signed_out(self) -> SessionCookie:
        """The cookie of a browser whose person signed out of the demo."""
        return SessionCookie.of_site(self.settings, "itb_signed_out")

    def find(self, secret: str) -> Session | None:
        """The session a browser holds; None when it has none that stands. Raises StoreError."""
        if not secret:
            return None
        idle, absolute = self.settings.sign_in.idle, self.settings.sign_in.absolute
        kept = self.store.sessions.find(secret, self.clock(), idle, absolute)
        return session_of(kept, idle, absolute) if kept else None

    def begin(self, person: Person, patient: str = "", content: bytes = b"") -> str:
        """A new session of a person; what the browser is to hold. Raises StoreError."""
        known = KnownPerson(person.id, person.name, person.role.value)
        return self.store.sessions.begin(known, self.clock(), patient, content)

    def policy(self) -> str:
        """The Content-Security-Policy of every page."""
        ancestors = " ".join(self.settings.sign_in.frame_ancestors) or "'none'"
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
        )


def guard_pages(app: Flask, access: Access, blueprints: list[Blueprint]) -> None:
    """Registers blueprints whose every page is reached through the gate alone.

    Raises LookupError at the start when a page has no place in the table of roles.
    """
    app.extensions["access"] = access
    names = {blueprint.name for blueprint in blueprints}
    for blueprint in blueprints:
        blueprint.before_request(lambda: _let_in(access))
        blueprint.after_request(lambda answer: _finish(access, answer))
        blueprint.register_error_handler(HTTPException, _refused)
        blueprint.register_error_handler(StoreError, _not_kept)
        blueprint.context_processor(lambda: _words(access))
        app.register_blueprint(blueprint)
    for page in _pages(app, names):
        if page not in PAGES:
            raise LookupError(f"web/access/roles.py: page {page!r} has no roles. Add it there.")


def _pages(app: Flask, blueprints: set[str]) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        blueprint, _, name = rule.endpoint.partition(".")
        if blueprint in blueprints and name != "static":
            yield rule.endpoint


def _let_in(access: Access) -> AnyResponse | None:
    if request.endpoint and request.endpoint.endswith(".static"):
        return None
    secret = access.cookie.read()
    session = access.find(secret)
    if session is None or request.endpoint == KEEP_FORM or _is_of_another(session):
        is_kept = keep_form(access.store, secret, access.clock())
        if session is None and access.is_demo:
            if access.signed_out.read():
                return redirect(url_for("demo_sign_in.show"), _SEE_OTHER)
            session = _demo_session(access)
        if session is None:
            return _to_sign_in(access, is_kept)
        if is_kept:
            return _to_kept_form(access, session)
    g.session = session
    _check_role(session)
    _check_patient(session)
    if request.method not in _LOOKING:
        _check_form(session)
    return None


def _is_of_another(session: Session) -> bool:
    """Whether the request is a form that was opened in another session than this one."""
    sent = request.form.get("csrf_token", "") if request.method == "POST" else session.csrf_token
    return not is_csrf_token(session.csrf_token, sent)


def _to_kept_form(access: Access, session: Session) -> AnyResponse:
    """To the form that was kept, or the reason why it cannot be shown beside this chart."""
    g.session = session
    if waiting_form(access.store, access.clock()) is not None:
        return redirect(url_for("kept_form.show"), _SEE_OTHER)
    note_access("U", f"refused: {request.endpoint}, form of another chart", outcome="refused")
    raise Forbidden(
        "Another patient's chart was opened in this browser since, and the form is not about that "
        "patient. Nothing of it was done. What you typed is kept for you for a day: open the "
        "patient's own chart again, and it comes back."
    )


def _to_sign_in(access: Access, is_kept: bool) -> AnyResponse:
    """To the page on which people sign in; there they come back to what they asked for."""
    if "sign_in.show" not in current_app.view_functions:
        raise Unauthorized("Nobody is signed in here, or the session has ended.")
    if request.method not in _LOOKING:
        why = "kept" if is_kept else "lost"
        return redirect(url_for("sign_in.show", ended=why), _SEE_OTHER)
    ended = "yes" if access.cookie.read() else None
    answer = redirect(url_for("sign_in.show", ended=ended), _SEE_OTHER)
    # In a cookie and not in the address: it may hold a patient's id.
    access.way_back.write(answer, quote(request.path), SECONDS_TO_COME_BACK)
    return answer


def _demo_session(access: Access) -> Session:
    check_at_this_machine()
    g.new_secret = access.begin(DEMO_PEOPLE[Role.COORDINATOR])
    found = access.find(g.new_secret)
    if found is None:
        raise StoreError("store: a session that was just begun is not there.")
    return found


def check_at_this_machine() -> None:
    """Raises Forbidden unless the caller sits at this machine and called it by its own name."""
    if not is_at_this_machine():
        raise Forbidden("The demo signs in nobody who does not sit at this machine.")


def is_at_this_machine() -> bool:
    """Whether the request comes from this machine, and by one of its names."""
    # A name that leads here from elsewhere would let its page act as the demo's people.
    return is_loopback(request.remote_addr) and is_loopback(urlsplit(request.url).hostname)


def _check_role(session: Session) -> None:
    allowed = PAGES[str(request.endpoint)]
    if session.person.role not in allowed:
        note_access("R", f"refused: {request.endpoint}", outcome="refused")
        raise Forbidden(
            f"This page is not for the role {ROLE_NAMES[session.person.role]}. It is for: "
            f"{', '.join(sorted(ROLE_NAMES[role] for role in allowed))}."
        )
    names_patient = "patient_id" in (request.view_args or {})
    if session.patient and not names_patient and request.endpoint not in WITHOUT_PATIENT:
        note_access("R", f"refused: {request.endpoint}", outcome="refused")
        raise Forbidden(
            "This session was opened from one patient's chart and shows that patient alone. To "
            "see the worklist, sign in."
        )


def _check_patient(session: Session) -> None:
    asked = (request.view_args or {}).get("patient_id")
    if asked is not None and not session.may_see(asked):
        refuse_patient(asked)


def refuse_patient(patient_id: str) -> None:
    """Refuses a patient to a session that was opened on another one, and keeps it."""
    note_access("R", f"refused: {request.endpoint}", patient_id, outcome="refused")
    raise Forbidden(
        "This session was opened from another patient's chart. Close this page, and open the "
        "patient's own chart."
    )


def _check_form(session: Session) -> None:
    if not is_csrf_token(session.csrf_token, request.form.get("csrf_token", "")):
        note_access("U", f"refused: {request.endpoint}, form of another session", outcome="refused")
        raise BadRequest(
            "The form was not opened in this session. Go back, load the page again, and repeat "
            "what you did. Nothing was changed."
        )
    named = request.form.get("patient", "")
    if named and not session.may_see(named):
        refuse_patient(named)
    if request.form.get(SENT_AGAIN):
        access: Access = current_app.extensions["access"]
        drop_form(access.store, access.clock())


def _finish(access: Access, answer: Response) -> Response:
    secret = g.pop("new_secret", "")
    if secret:
        access.cookie.write(answer, secret)
    answer.headers["Content-Security-Policy"] = access.policy()
    return answer


def _refused(error: HTTPException) -> tuple[str, int]:
    status = error.code or 500
    session = g.get("session")
    words = _NOT_FOUND if isinstance(error, NotFound) else error.description or error.name
    return render_template(
        "access/refused.html", words=words, status=status, session=session
    ), status


def _not_kept(_: StoreError) -> tuple[str, int]:
    words = (
        "The service cannot read or write its store now, and cannot write down who looks at a "
        "record. It shows no patient until it can. Call hospital IT."
    )
    return render_template("access/refused.html", words=words, status=_UNAVAILABLE), _UNAVAILABLE


_NOT_FOUND = "There is no such page, or nothing is known of what was asked for."


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """When the session ends: in how many seconds while nothing is done, and whatever is done.

    `after` is where the browser goes then; `time` is the first of the two in the site's zone.
    """

    seconds: int
    final_seconds: int
    time: str
    after: str
    warn_seconds: int = WARN_SECONDS


def session_end(access: Access, session: Session) -> SessionEnd:
    """The end of a session as its pages show it."""
    now = access.clock()
    ends = session.idle_ends_at.astimezone(access.settings.time_zone)
    return SessionEnd(
        seconds=max(0, int((session.idle_ends_at - now).total_seconds())),
        final_seconds=max(0, int((session.ends_at - now).total_seconds())),
        time=f"{ends:%H:%M %Z}",
        after=request.full_path if request.method == "GET" else "/",
    )


def _words(access: Access) -> dict[str, object]:
    """What every template may show."""
    session: Session | None = g.get("session")
    return {
        "session_end": session_end(access, session) if session else None,
        "session": session,
        "role_names": ROLE_NAMES,
        "roles": list(Role),
        "csrf_token": (lambda: session.csrf_token if session else ""),
        "is_demo": access.is_demo,
    }
