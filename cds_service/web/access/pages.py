"""Pages of the session itself: sign out, stay signed in, and in the demo, be somebody else."""

from flask import Blueprint, Response, current_app, make_response, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from cds_service.web.access.audit import note_access
from cds_service.web.access.gate import DEMO_PEOPLE, Access
from cds_service.web.access.person import Role

_SEE_OTHER = 303


def session_blueprint() -> Blueprint:
    """POST /sign-out, /stay and, in the demo, /demo/person."""
    blueprint = Blueprint("session", __name__, template_folder="../templates")

    @blueprint.post("/stay")
    def stay() -> Response:
        # Reaching this page has moved the session's end already.
        return Response(status=204)

    @blueprint.post("/sign-out")
    def sign_out() -> AnyResponse:
        note_access("E", "signed out")
        return _left(_access(), redirect("/", _SEE_OTHER))

    @blueprint.post("/demo/person")
    def switch() -> AnyResponse:
        access = _access()
        role = request.form.get("role", "")
        if not access.is_demo or role not in set(Role):
            raise NotFound
        answer = _left(access, redirect(_home(Role(role)), _SEE_OTHER))
        access.cookie.write(answer, access.begin(DEMO_PEOPLE[Role(role)]))
        return answer

    return blueprint


def _home(role: Role) -> str:
    return url_for("worklist.show") if role is not Role.IT else "/"


def _left(access: Access, answer: AnyResponse) -> Response:
    access.store.sessions.end(access.cookie.read())
    response = make_response(answer)
    access.cookie.remove(response)
    return response


def _access() -> Access:
    access: Access = current_app.extensions["access"]
    return access
