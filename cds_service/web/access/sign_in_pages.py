"""Pages before anybody is signed in: the launch from a chart, the sign-in, and the way back."""

import secrets
from dataclasses import dataclass
from urllib.parse import unquote

import msgspec
import structlog
from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.wrappers import Response as AnyResponse

from cds_service.errors import (
    NotObtainedError,
    SignInRefusedError,
    StoreError,
    UnknownSignInError,
)
from cds_service.web.access.audit import note_access
from cds_service.web.access.gate import SECONDS_TO_COME_BACK, Access
from cds_service.web.access.kept_form import endpoint_of, waiting_form
from cds_service.web.access.roles import home
from cds_service.web.access.session import SessionCookie
from cds_service.web.access.sign_in import (
    LONGEST_PARAMETER,
    LONGEST_STAY,
    NoCookieError,
    SignedIn,
    SignIns,
    UnderWay,
)

OPEN_PAGES = frozenset(
    f"sign_in.{page}" for page in ("show", "start", "launch", "again", "callback", "static")
)
"""What is reached without a session: nothing of a patient stands on it."""

_BYTES = 32
_SEE_OTHER = 303
_BAD_REQUEST, _FORBIDDEN, _BAD_GATEWAY, _UNAVAILABLE = 400, 403, 502, 503

_log = structlog.get_logger("itb_cds")


def sign_in_blueprint(access: Access, sign_ins: SignIns) -> Blueprint:
    """GET /sign-in, /sign-in/{issuer}, /launch, /launch/again and /callback."""
    blueprint = Blueprint(
        "sign_in",
        __name__,
        template_folder="../templates",
        static_folder="../static",
        static_url_path="/sign-in/static",
    )
    door = _Door(access, sign_ins)
    blueprint.add_url_rule("/sign-in", "show", door.show)
    blueprint.add_url_rule("/sign-in/<name>", "start", door.start)
    blueprint.add_url_rule("/launch", "launch", door.launch)
    blueprint.add_url_rule("/launch/again", "again", door.again)
    blueprint.add_url_rule("/callback", "callback", door.callback)
    blueprint.register_error_handler(HTTPException, _not_possible)
    blueprint.register_error_handler(SignInRefusedError, _refused)
    blueprint.register_error_handler(NotObtainedError, _no_answer)
    blueprint.register_error_handler(StoreError, _not_kept)

    @blueprint.after_request
    def with_policy(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = access.policy()
        return answer

    return blueprint


@dataclass(frozen=True, slots=True)
class _Door:
    access: Access
    sign_ins: SignIns

    @property
    def _browser(self) -> SessionCookie:
        return SessionCookie.of_site(self.access.settings, "itb_sign_in")

    def show(self) -> str:
        """Where to sign in."""
        issuers = [each.issuer for each in self.sign_ins.issuers.values()]
        return render_template(
            "access/sign_in.html",
            issuers=[each for each in issuers if each.kind == "oidc"],
            launches=any(each.kind == "smart" for each in issuers),
            ended=request.args.get("ended", ""),
        )

    def start(self, name: str) -> AnyResponse:
        """To the hospital's own sign-in."""
        known = self.sign_ins.issuers.get(name)
        if known is None or known.issuer.kind != "oidc":
            raise NotFound
        return self._away(known.issuer.name)

    def launch(self) -> AnyResponse:
        """From a chart of the EHR. Nobody whom the site does not name is asked anything."""
        iss, launch = _one("iss"), _one("launch")
        if not iss or not launch:
            raise BadRequest(
                "This address is opened by the EHR, which says where it is and which chart is "
                "open. Open the app from a patient's chart."
            )
        issuer = self.access.settings.sign_in.launching(iss)
        if issuer is None:
            _log.warning("launch refused", why="iss is not in the configuration")
            raise BadRequest(
                "This service is not set up for the EHR that opened it. Hospital IT: the EHR's "
                "FHIR address must stand under [[sign_in.issuers]], letter by letter."
            )
        if issuer.name not in self.sign_ins.of_our_patients:
            _log.warning("launch refused", why="its patients are not known to be ours")
            raise BadRequest(
                "This service does not know that the patients of this EHR are those it looks "
                "after, and shows none rather than a wrong one. Hospital IT: name this EHR as the "
                "client of the [population], or say same_patients = true if their ids are the same."
            )
        return self._away(issuer.name, iss, launch)

    def again(self) -> AnyResponse:
        """A launch once more, in a window of its own, where the browser keeps cookies."""
        access = self.access
        kept = access.store.sessions.take_sign_in(_one("token"), access.clock(), LONGEST_STAY)
        if kept is None:
            raise UnknownSignInError(
                "This link was used before, or is older than ten minutes. Open the app again from "
                "the patient's chart."
            )
        under_way = msgspec.json.decode(kept, type=UnderWay)
        return self._away(under_way.issuer, under_way.aud, under_way.launch)

    def callback(self) -> AnyResponse:
        """Back from an issuer."""
        said = {
            name: _one(name) for name in ("code", "state", "error", "iss") if name in request.args
        }
        try:
            signed_in = self.sign_ins.finish(said, self._browser.read(), self.access.clock())
        except NoCookieError as fault:
            return self._other_window(fault)
        return self._in(signed_in)

    def _away(self, name: str, aud: str = "", launch: str = "") -> AnyResponse:
        secret = secrets.token_urlsafe(_BYTES)
        known = self.sign_ins.issuers[name]
        address = self.sign_ins.begin(known, secret, self.access.clock(), aud, launch)
        answer = redirect(address)
        self._browser.write(answer, secret, SECONDS_TO_COME_BACK)
        return answer

    def _other_window(self, fault: NoCookieError) -> AnyResponse:
        """A page with a link that starts the launch once more where cookies are kept."""
        token = ""
        if fault.under_way.launch:
            token = secrets.token_urlsafe(_BYTES)
            again = msgspec.json.encode(fault.under_way)
            self.access.store.sessions.begin_sign_in(token, again, self.access.clock())
        page = render_template("access/no_cookie.html", token=token)
        return make_response(page, _BAD_REQUEST)

    def _in(self, signed_in: SignedIn) -> AnyResponse:
        """A new session, whatever the browser held before, and the page to go to."""
        access, launched = self.access, signed_in.launched
        patient = launched.patient if launched else ""
        content = msgspec.json.encode(launched) if launched else b""
        now = access.clock()
        access.store.sessions.sweep(now, access.settings.sign_in.absolute * 2)
        access.store.sessions.end(access.cookie.read())
        secret = access.begin(signed_in.person, patient, content)
        g.session = access.find(secret)
        way = "a chart of" if launched else "the sign-in of"
        note_access("E", f"signed in by {way} {signed_in.issuer}", patient)
        answer = redirect(self._way_on(signed_in), _SEE_OTHER)
        access.cookie.write(answer, secret)
        self._browser.remove(answer)
        access.way_back.remove(answer)
        return answer

    def _way_on(self, signed_in: SignedIn) -> str:
        access, launched = self.access, signed_in.launched
        if waiting_form(access.store, access.clock()) is not None:
            return "/kept-form"
        if launched:
            place = f"#{launched.plan}" if launched.plan else ""
            return f"/patients/{launched.patient}{place}"
        asked = unquote(access.way_back.read())
        return asked if endpoint_of(asked, "GET") else home(signed_in.person.role)


def _one(name: str) -> str:
    """A parameter of the address; '' when it is missing. Twice or huge it is refused."""
    found = request.args.getlist(name)
    if len(found) > 1 or any(len(each) > LONGEST_PARAMETER for each in found):
        raise BadRequest("The address cannot be read. Open the app again.")
    return found[0] if found else ""


def _failed(words: str, status: int) -> tuple[str, int]:
    return render_template("access/failed.html", words=words, status=status), status


def _not_possible(error: HTTPException) -> tuple[str, int]:
    status = error.code or _BAD_REQUEST
    words = "There is no such page." if isinstance(error, NotFound) else error.description
    return _failed(words or error.name, status)


def _refused(fault: SignInRefusedError) -> tuple[str, int]:
    """Refused; written down, unless the browser only brought what was never given to it."""
    if isinstance(fault, UnknownSignInError):
        _log.warning("sign-in refused", why="unknown or of another browser")
        return _failed(str(fault), _BAD_REQUEST)
    _log.warning("sign-in refused", why=str(fault))
    note_access("E", f"sign-in refused: {fault}", outcome="refused")
    return _failed(str(fault), _FORBIDDEN)


def _no_answer(fault: NotObtainedError) -> tuple[str, int]:
    _log.warning("sign-in failed", status=fault.status, why=str(fault))
    return _failed(
        f"The sign-in server {fault}. Nobody was signed in, and nothing was checked. Try again; if "
        "it stays like this, tell hospital IT.",
        _BAD_GATEWAY,
    )


def _not_kept(_: StoreError) -> tuple[str, int]:
    return _failed(
        "The service cannot read or write its store now, and signs nobody in until it can. Call "
        "hospital IT.",
        _UNAVAILABLE,
    )
