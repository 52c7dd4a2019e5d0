"""The page that stands where a page for people failed, or where there is none."""

from urllib.parse import quote

from flask import Response, current_app, g, request

from cds_service.web.access.roles import PAGES, home

_PLACES = frozenset(
    {"worklist", "patients", "tasks", "it", "session", "kept-form"}
    | {"sign-in", "sign-out", "launch", "callback"}
)
"""The first parts of the addresses of people's pages."""


def fault_page(status: int, words: str, correlation: str) -> Response | None:
    """What a person reads of a refusal or failure; None where the caller is a system.

    `words` say what was wrong; of a failure (5xx) the page tells nothing but the correlation id.
    """
    access = current_app.extensions.get("access")
    if access is None or not _is_for_people():
        return None
    # Not by render_template: what it gives every page comes from the parts that may have failed.
    page = current_app.jinja_env.get_template("access/fault.html").render(
        status=status,
        words=words,
        correlation=correlation,
        way_on=_way_on(),
        is_form=request.method not in ("GET", "HEAD"),
    )
    answer = Response(page, status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = access.policy()
    return answer


def _is_for_people() -> bool:
    is_ours = request.endpoint in PAGES or request.blueprint == "demo_sign_in"
    return is_ours or not _PLACES.isdisjoint(request.path.split("/")[1:2])


def _way_on() -> str:
    """Where the person may go on: the patient of the chart, or the first page of the role."""
    session = g.get("session")
    if session is None:
        return "/worklist"
    patient = quote(session.patient, safe="")
    return f"/patients/{patient}" if patient else home(session.person.role)
