"""The demo's own sign-in: it asks for no password, but whoever has signed out stays out."""

from flask import Blueprint, Response, make_response, redirect, render_template
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from cds_service.web.access.gate import DEMO_PEOPLE, Access, is_at_this_machine
from cds_service.web.access.person import Role
from cds_service.web.access.roles import home

ADDRESS = "/demo/sign-in"
_SEE_OTHER = 303


def demo_sign_in_blueprint(access: Access) -> Blueprint:
    """GET and POST /demo/sign-in. Nothing of a patient stands on it."""
    blueprint = Blueprint("demo_sign_in", __name__, template_folder="../templates")

    @blueprint.get(ADDRESS)
    def show() -> str:
        person = DEMO_PEOPLE[Role.COORDINATOR]
        return render_template("access/demo_signed_out.html", person=person)

    @blueprint.post(ADDRESS)
    def enter() -> AnyResponse:
        if not is_at_this_machine():
            raise Forbidden("The demo signs in nobody who does not sit at this machine.")
        answer = make_response(redirect(home(Role.COORDINATOR), _SEE_OTHER))
        # A form of another site comes without this cookie, and signs in nobody.
        if access.signed_out.read():
            access.cookie.write(answer, access.begin(DEMO_PEOPLE[Role.COORDINATOR]))
            access.signed_out.remove(answer)
        return answer

    @blueprint.after_request
    def with_policy(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = access.policy()
        return answer

    return blueprint
