"""SMART scopes: what was asked for, and what an authorization server granted.

SMART App Launch 2.2, "Scopes for requesting FHIR Resources"; version 1 wrote `.read` for `.rs`.
"""

from collections.abc import Sequence
from typing import NamedTuple

_WORDS = {"read": "rs", "write": "cud", "*": "cruds"}
_CONTEXTS = ("patient", "user", "system")


class _Scope(NamedTuple):
    context: str
    kind: str
    rights: str
    is_narrowed: bool


def smart_1_scope(scope: str) -> str:
    """A scope of SMART 2 in the words of SMART 1; others as they are."""
    context, _, rest = scope.partition("/")
    kind, dot, rights = rest.partition(".")
    if context not in _CONTEXTS or not dot or rights in _WORDS:
        return scope
    wanted = set(rights.partition("?")[0])
    reads, writes = bool(wanted & set("rs")), bool(wanted & set("cud"))
    word = "*" if reads and writes else "write" if writes else "read"
    return f"{context}/{kind}.{word}"


def missing_scopes(asked: Sequence[str], granted: str) -> tuple[str, ...]:
    """What was asked for and not granted, in the words of the request; `launch` is no right."""
    given = granted.split()
    return tuple(
        scope
        for scope in asked
        if scope != "launch" and not any(_covers(each, scope) for each in given)
    )


def unreadable_kinds(kinds: Sequence[str], asked: Sequence[str], granted: str) -> tuple[str, ...]:
    """The kinds of resource that may not be searched, or not wholly, by a system's token.

    Some servers answer such a search with nothing, as if there were nothing. Empty when `granted`
    names no right to a resource: then only the server's answers tell. A narrowed scope counts as
    whole where the site asked for just that.
    """
    given = granted.split()
    if not any(_parts(each).kind for each in given):
        return ()
    return tuple(
        kind
        for kind in kinds
        if not any(
            _covers(each, f"system/{kind}.s")
            or (each in asked and _parts(each).kind == kind and "s" in _parts(each).rights)
            for each in given
        )
    )


def _covers(given: str, asked: str) -> bool:
    """Whether a granted scope, of SMART 1 or 2, gives all that one of SMART 2 asks."""
    if given == asked:
        return True
    gives, wants = _parts(given), _parts(asked)
    # A narrowed grant does not cover the whole: what it leaves out would look like nothing.
    if not wants.kind or gives.context != wants.context or gives.is_narrowed:
        return False
    return gives.kind in ("*", wants.kind) and set(wants.rights) <= set(gives.rights)


def _parts(scope: str) -> _Scope:
    context, _, rest = scope.partition("/")
    kind, dot, rights = rest.partition(".")
    if context not in _CONTEXTS or not dot:
        return _Scope("", "", "", False)
    rights, _, narrowed = rights.partition("?")
    return _Scope(context, kind, _WORDS.get(rights, rights), bool(narrowed))
