"""What the launch from a chart left in the session, and what it lacks."""

import msgspec


class Launched(msgspec.Struct, frozen=True):
    """A launch: whose chart, with which token until when (epoch seconds), and what was not granted.

    `plan` is the plan whose card led here, '' for none: it came through the browser's hands and
    chooses a place on the page, nothing else.
    """

    issuer: str
    patient: str
    access_token: str
    expires_at: int
    missing: tuple[str, ...] = ()
    needs_banner: bool = True
    plan: str = ""


def launched_in(content: bytes) -> Launched | None:
    """The launch that a session keeps; None for one that began otherwise."""
    return msgspec.json.decode(content, type=Launched) if content else None
