"""Pages of the session itself: sign out, stay signed in, and in the demo, be somebody else."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog
from flask import Blueprint, Response, current_app, make_response, redirect, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as AnyResponse

from cds_service.errors import NotObtainedError
from cds_service.web.access.audit import note_access
from cds_service.web.access.gate import DEMO_PEOPLE, Access, session_end
from cds_service.web.access.launched import launched_in
from cds_service.web.access.person import Role
from cds_service.web.access.roles import home
from cds_service.web.access.session import Session, current_session
from cds_service.web.json_answer import json_answer

if TYPE_CHECKING:
    from cds_service.web.access.issuers import KnownIssuer

_SEE_OTHER = 303

_NOT_KEPT = (
    "What you had typed could not be kept: it is too long, or belongs to no page of this service. "
    "Nothing of it was done. Do it once more."
)

_log = structlog.get_logger("itb_cds")


def session_blueprint(issuers: "Mapping[str, KnownIssuer]") -> Blueprint:
    """POST /sign-out, /session/stay, /session/keep and, in the demo, /demo/person."""
    blueprint = Blueprint(
        "session",
        __name__,
        template_folder="../templates",
        static_folder="../static",
        static_url_path="/session/static",
    )

    @blueprint.post("/session/stay")
    def stay() -> Response:
        access = _access()
        # Reaching this page has moved the session's end; the one read before does not know it yet.
        session = access.find(access.cookie.read()) or current_session()
        return json_answer({"seconds": session_end(access, session).seconds})

    @blueprint.post("/session/keep")
    def keep() -> AnyResponse:
        # The gate has kept the form and gone on to it, if it could.
        raise BadRequest(_NOT_KEPT)

    @blueprint.post("/sign-out")
    def sign_out() -> AnyResponse:
        access, session = _access(), current_session()
        note_access("E", "signed out", session.patient)
        _revoke(access, session, issuers)
        return _left_for_good(access, "/sign-in?ended=out" if issuers else "/")

    @blueprint.post("/demo/person")
    def switch() -> AnyResponse:
        access = _access()
        role = request.form.get("role", "")
        if not access.is_demo or role not in set(Role):
            raise NotFound
        answer = _left(access, redirect(home(Role(role)), _SEE_OTHER))
        access.cookie.write(answer, access.begin(DEMO_PEOPLE[Role(role)]))
        return answer

    return blueprint


def _revoke(access: Access, session: Session, issuers: "Mapping[str, KnownIssuer]") -> None:
    """Gives the launch's token back; a server that does not take it changes nothing here."""
    launched = launched_in(session.content)
    known = issuers.get(launched.issuer) if launched else None
    if launched is None or known is None:
        return
    try:
        known.server.revoke(launched.access_token, access.clock())
    except NotObtainedError as fault:
        _log.warning("token not revoked", issuer=launched.issuer, status=fault.status)


def _left_for_good(access: Access, after: str) -> Response:
    """Out; the demo, which otherwise signs in whoever comes, leaves a mark of it."""
    if not access.is_demo:
        return _left(access, redirect(after, _SEE_OTHER))
    answer = _left(access, redirect(url_for("demo_sign_in.show"), _SEE_OTHER))
    access.signed_out.write(answer, "yes")
    return answer


def _left(access: Access, answer: AnyResponse) -> Response:
    access.store.sessions.end(access.cookie.read())
    response = make_response(answer)
    access.cookie.remove(response)
    return response


def _access() -> Access:
    access: Access = current_app.extensions["access"]
    return access
