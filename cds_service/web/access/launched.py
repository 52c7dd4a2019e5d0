"""What the launch from a chart left in the session, and what it lacks."""

from collections.abc import Sequence

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


def missing_scopes(asked: Sequence[str], granted: str) -> tuple[str, ...]:
    """What was asked for and not granted, in the words of the request; `launch` is no right."""
    given = granted.split()
    return tuple(
        scope
        for scope in asked
        if scope != "launch" and not any(_covers(each, scope) for each in given)
    )


def _covers(given: str, asked: str) -> bool:
    """Whether a granted scope, of SMART 1 or 2, gives all that one of SMART 2 asks."""
    if given == asked:
        return True
    given_context, given_kind, given_rights = _parts(given)
    context, kind, rights = _parts(asked)
    # A narrowed grant does not cover the whole: what it leaves out would look like nothing.
    if not kind or given_context != context or "?" in given:
        return False
    return given_kind in ("*", kind) and set(rights) <= set(given_rights)


def _parts(scope: str) -> tuple[str, str, str]:
    context, _, rest = scope.partition("/")
    kind, _, rights = rest.partition(".")
    words = {"read": "rs", "write": "cud", "*": "cruds"}
    return context, kind, words.get(rights, rights.partition("?")[0])
