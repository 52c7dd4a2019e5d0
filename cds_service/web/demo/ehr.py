"""The demo EHR: a chart-open page that sends the real hook over HTTP and draws the cards."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from cds_service.assessment.assess import Rulebook
from cds_service.demo_clinic.coding import VISIT_NAMES
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.demo_clinic.visits import accepted, appointment, refill_again
from cds_service.therapy.calendar import day_text
from cds_service.web.demo.chart import DemoCharts
from cds_service.web.demo.clock import Clock
from cds_service.web.demo.hook import send_feedback
from cds_service.web.demo.opening import read_opening
from cds_service.web.demo.page import page

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """What the demo EHR needs: where the service listens, its rules for the plot, and the time.

    `clock` gives aware datetimes and is not moved by the page; `fixed_clock` is announced. `filed`
    hears whose chart was changed.
    """

    base_url: str
    rulebook: Rulebook
    clock: Clock
    fixed_clock: bool = False
    filed: Callable[[str], None] = lambda _: None


def demo_blueprint(demo: DemoSettings, charts: DemoCharts | None = None) -> Blueprint:
    """The demo EHR's pages over these charts, else over charts of their own in memory."""
    blueprint = Blueprint(
        "demo",
        __name__,
        template_folder="../templates",
        static_folder="../static",
        static_url_path="/demo/static",
    )
    _add_pages(blueprint, _Desk(demo, charts or DemoCharts()))
    blueprint.context_processor(
        lambda: {"has_worklist": "worklist.show" in current_app.view_functions}
    )
    blueprint.before_request(_refuse_other_sites)
    blueprint.after_request(_with_policy)
    blueprint.register_error_handler(404, _not_here)
    return blueprint


@dataclass(frozen=True, slots=True)
class _Desk:
    demo: DemoSettings
    charts: DemoCharts

    def now(self) -> datetime:
        return self.demo.clock().astimezone(self.demo.rulebook.time_zone)

    def show(self, patient_id: str) -> str:
        if patient_id not in PATIENTS:
            abort(404)
        opening = read_opening(request.args)
        demo, now = self.demo, self.now()
        shown = page(patient_id, opening, self.charts, demo.rulebook, demo.base_url, now)
        fixed = f"{day_text(now.date())}, {now:%H:%M %Z}" if demo.fixed_clock else ""
        return render_template("demo/chart.html", page=shown, fixed_clock=fixed)

    def file(
        self, patient_id: str, resources: tuple[dict[str, Any], ...], said: str
    ) -> AnyResponse:
        """Files resources and opens the chart again as it was, with a sentence about it."""
        self.charts.add(patient_id, self.now().date(), resources)
        self.demo.filed(patient_id)
        return self.reopen(patient_id, said)

    def reopen(self, patient_id: str, said: str) -> AnyResponse:
        self.charts.notify(patient_id, said)
        query = urlencode(read_opening(request.form).fields())
        address = url_for("demo.patient", patient_id=patient_id)
        return redirect(f"{address}?{query}" if query else address, _SEE_OTHER)

    def say(self, feedback: dict[str, Any]) -> bool:
        """Sends feedback to the service, as of the moment the chart is open at."""
        instant = read_opening(request.form).instant(self.now())
        return send_feedback(self.demo.base_url, feedback, instant)

    def day(self) -> date:
        return read_opening(request.form).day(self.now())


def _add_pages(blueprint: Blueprint, desk: _Desk) -> None:
    @blueprint.get("/")
    def home() -> str:
        return desk.show(next(iter(PATIENTS)))

    @blueprint.get("/demo/patients/<patient_id>")
    def patient(patient_id: str) -> str:
        return desk.show(patient_id)

    @blueprint.post("/demo/reset")
    def reset() -> AnyResponse:
        desk.charts.reset()
        for each in PATIENTS:
            desk.demo.filed(each)
        patient_id = request.form.get("patient", "")
        known = patient_id if patient_id in PATIENTS else next(iter(PATIENTS))
        desk.charts.notify(known, "All charts are back to the day the clinic opened.")
        return redirect(url_for("demo.patient", patient_id=known), _SEE_OTHER)

    @blueprint.post("/demo/patients/<patient_id>/<any(accept, override, refill, book):act>")
    def file(patient_id: str, act: str) -> AnyResponse:
        if patient_id not in PATIENTS:
            abort(404)
        return _ACTS[act](desk, patient_id)


def _accept(desk: _Desk, patient_id: str) -> AnyResponse:
    suggested = desk.charts.suggestion(request.form.get("suggestion", ""))
    if suggested is None:
        said = "That card is no longer on the page; it was read again and nothing was filed."
        return desk.reopen(patient_id, said)
    day = desk.day()
    told = desk.say(
        {
            "card": request.form.get("card", ""),
            "outcome": "accepted",
            "acceptedSuggestions": [{"id": request.form.get("suggestion", "")}],
        }
    )
    filed = accepted(desk.charts.chart(patient_id, desk.now().date()), suggested, day)
    return desk.file(patient_id, filed, f"Accepted: {_in_words(filed)}. {_FED_BACK[told]}")


def _override(desk: _Desk, patient_id: str) -> AnyResponse:
    """Sends why the user does not act on a card; the service decides what that means."""
    system, _, code = request.form.get("reason", "").rpartition("|")
    comment = request.form.get("comment", "").strip()
    reason: dict[str, Any] = {"reason": {"system": system, "code": code}}
    if comment:
        reason["userComment"] = comment
    told = desk.say(
        {
            "card": request.form.get("card", ""),
            "outcome": "overridden",
            "overrideReason": reason,
        }
    )
    topic, summary = request.form.get("topic", ""), request.form.get("summary", "")
    if told and topic:
        desk.charts.set_aside(patient_id, topic, summary, code.replace("-", " "))
    return desk.reopen(patient_id, f"Not acted on: {summary}. {_FED_BACK[told]}")


_FED_BACK = {
    True: "The service was told, and the hook was called again.",
    False: "The service could not be told; the hook was called again.",
}


def _refill(desk: _Desk, patient_id: str) -> AnyResponse:
    day = desk.day()
    again = refill_again(desk.charts.chart(patient_id, desk.now().date()).as_known_on(day), day)
    if again is None:
        return desk.reopen(patient_id, "There is no earlier refill to repeat; nothing was filed.")
    said = f"Refill recorded on {day_text(day)}: same volume and drug as the last one."
    return desk.file(patient_id, (again,), said)


def _book(desk: _Desk, patient_id: str) -> AnyResponse:
    kind, day = request.form.get("kind", ""), desk.day()
    try:
        on = date.fromisoformat(request.form.get("on", ""))
    except ValueError:
        on = None
    if kind not in VISIT_NAMES or on is None:
        return desk.reopen(patient_id, "Nothing was booked: choose a visit and a date.")
    visit = appointment(patient_id, kind, on, made=day)
    return desk.file(patient_id, (visit,), f"Booked: {VISIT_NAMES[kind]} on {day_text(on)}.")


_ACTS = {"accept": _accept, "override": _override, "refill": _refill, "book": _book}


def _in_words(filed: tuple[dict[str, Any], ...]) -> str:
    for resource in filed:
        if resource["resourceType"] == "Appointment":
            on = date.fromisoformat(resource["start"][:10])
            return f"{resource['description']} booked for {day_text(on)}"
    title = filed[0].get("title") or filed[0].get("code", {}).get("text") or "request"
    return f"{filed[0]['resourceType']} “{title}” filed in the chart"


def _refuse_other_sites() -> None:
    """A form of another site must not write into the charts."""
    origin = request.headers.get("Origin")
    if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
        abort(403)


def _with_policy(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    # With no-referrer a browser sends its own forms with the origin "null".
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _not_here(_: Exception) -> tuple[str, int]:
    return render_template("demo/not_found.html"), 404
