"""Every setting as it is in force, for people; nothing that opens a door is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import time
from typing import Any

_SECRET = ("password", "secret", "key", "token", "jwks")
_NO_SETTING = ("origin",)
_STATED = "stated_"
"""Fields that hold what the site said of a setting; without a word of the site something holds."""
_UNNAMED = ("plans", "uses")
_OTHERWISE = {("digest.mail", "sender"): "from"}
"""What the file calls by a word that Python keeps for itself."""
SET, NOT_SET = "set, not shown", "not set"


def in_force(settings: object) -> list[tuple[str, str]]:
    """Each setting by the dotted name that it has in the file; secrets as `set, not shown`."""
    return list(_lines("", settings))


def _lines(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if field.name not in _NO_SETTING:
                yield from _of_field(name, value, field.name)
    elif any(word in name.rpartition(".")[2] for word in _SECRET):
        yield name, SET if value else NOT_SET
    elif isinstance(value, Mapping):
        if not value and name != _UNNAMED[0]:
            yield name, NOT_SET
        for key in value:
            yield from _lines(f"{name}.{key}", value[key])
    elif isinstance(value, tuple) and any(is_dataclass(each) for each in value):
        for number, each in enumerate(value, start=1):
            yield from _lines(f"{name}[{getattr(each, 'name', number)}]", each)
    else:
        yield name, _text(value)


def _of_field(name: str, holder: Any, field: str) -> Iterator[tuple[str, str]]:
    key = _OTHERWISE.get((name, field), field.removeprefix(_STATED))
    # A table of plans stands in the file beside its folder, without a name of its own.
    inner = name if (name, field) == _UNNAMED else f"{name}.{key}" if name else key
    if not field.startswith(_STATED) or getattr(holder, field):
        yield from _lines(inner, getattr(holder, field))
    else:
        yield inner, f"{_text(getattr(holder, key))} ({NOT_SET})"


def _text(value: Any) -> str:
    if value is None or value in ("", ()):
        return NOT_SET
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, tuple | frozenset):
        return ", ".join(str(each) for each in value)
    return str(getattr(value, "key", value))
