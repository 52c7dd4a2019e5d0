"""The session of the running request, and the cookie that stands for it in the browser."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from flask import g, request
from werkzeug.wrappers import Response as AnyResponse

from cds_service.settings import Settings
from cds_service.store.session_ledger import KeptSession
from cds_service.web.access.person import Person, Role


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody at work. `patient` is whom a launch named: then no other patient is shown.

    `content` is what the sign-in left, such as the launch's tokens; `ends_at` is the last moment at
    which it stands, whatever is done.
    """

    person: Person
    patient: str
    csrf_token: str
    idle_ends_at: datetime
    ends_at: datetime
    content: bytes = b""

    def may_see(self, patient_id: str) -> bool:
        """Whether this patient may be shown in this session."""
        return self.patient in ("", patient_id)


def current_session() -> Session:
    """The session of the running request. Pages are reached with one only."""
    session: Session = g.session
    return session


def session_of(kept: KeptSession, idle: timedelta, absolute: timedelta) -> Session:
    """A kept session as pages use it."""
    return Session(
        person=Person(kept.person.id, kept.person.name, Role(kept.person.role)),
        patient=kept.patient,
        csrf_token=kept.form_token,
        idle_ends_at=min(kept.seen_at + idle, kept.began_at + absolute),
        ends_at=kept.began_at + absolute,
        content=kept.content,
    )


def is_csrf_token(expected: str, sent: str) -> bool:
    """Whether a form carries the token of the session it is sent in."""
    return compare_digest(expected.encode(), sent.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """The browser's part of a session, or of a sign-in under way.

    Over https it works inside an EHR's frame, too.
    """

    is_secure: bool
    short_name: str = "itb_session"

    @classmethod
    def of_site(cls, settings: Settings, short_name: str = "itb_session") -> "SessionCookie":
        """The cookie that suits the site's public address."""
        return cls(settings.public_url.startswith("https://"), short_name)

    @property
    def name(self) -> str:
        """`__Host-`: browsers take it from this very host over https alone."""
        return f"__Host-{self.short_name}" if self.is_secure else self.short_name

    def read(self) -> str:
        """What the browser sent; '' when it has none."""
        return request.cookies.get(self.name, "")

    def write(self, response: AnyResponse, secret: str, seconds: int = 0) -> None:
        """Gives the browser its part, for so many seconds; 0 until it is closed."""
        life = f"Max-Age={seconds}; " if seconds else ""
        response.headers.add("Set-Cookie", f"{self.name}={secret}; {life}{self._marks}")

    def remove(self, response: AnyResponse) -> None:
        """Takes it from the browser."""
        response.headers.add("Set-Cookie", f"{self.name}=; Max-Age=0; {self._marks}")

    @property
    def _marks(self) -> str:
        # In a frame of another site only a cookie that is SameSite=None and partitioned comes back.
        if self.is_secure:
            return "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
        return "Path=/; HttpOnly; SameSite=Lax"
