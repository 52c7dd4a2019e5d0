"""Every setting as it is in force, for people; nothing that opens a door is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

_SECRET = ("password", "secret", "key", "token", "jwks")
SET, NOT_SET = "set, not shown", "not set"


def in_force(settings: object) -> list[tuple[str, str]]:
    """Each setting by its dotted name, in the order of the file; secrets as `set, not shown`."""
    return list(_lines("", settings))


def _lines(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            inner = f"{name}.{field.name}" if name else field.name
            yield from _lines(inner, getattr(value, field.name))
    elif any(word in name.rpartition(".")[2] for word in _SECRET):
        yield name, SET if value else NOT_SET
    elif isinstance(value, Mapping):
        if not value:
            yield name, NOT_SET
        for key in value:
            yield from _lines(f"{name}.{key}", value[key])
    elif isinstance(value, tuple) and any(is_dataclass(each) for each in value):
        for number, each in enumerate(value, start=1):
            yield from _lines(f"{name}[{getattr(each, 'name', number)}]", each)
    else:
        yield name, _text(value)


def _text(value: Any) -> str:
    if value is None or value in ("", ()):
        return NOT_SET
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | frozenset):
        return ", ".join(str(each) for each in value)
    return str(getattr(value, "key", value))
