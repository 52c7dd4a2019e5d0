"""The morning digest: `[digest]`, when and by which way, and `[digest.mail]`, the mail server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any

from cds_service.errors import SettingsError
from cds_service.settings.entry import Entry

LARGEST_PORT = 65535

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9.-]+", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The site's mail server, who sends and who receives; `user` is empty where none is asked."""

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    starttls: bool = True
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None

    def password(self) -> str:
        """The password as it stands in its file. Raises SettingsError when it cannot be read."""
        if self.password_file is None:
            return ""
        try:
            return self.password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsError(
                "digest.mail.password_file: found no file that can be read, expected one line with "
                "the password. Correct the file or its rights."
            ) from None


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """When the digest is made (site's time), and where it goes: mail, a folder, or both.

    `with_names`: patients are named in it, not only counted. Without `mail` and `folder` there is
    no digest, and alarms stand in the log and on the page of hospital IT alone.
    """

    at: time = time(6, 30)
    with_names: bool = False
    folder: Path | None = None
    mail: MailSettings | None = None

    @property
    def is_on(self) -> bool:
        """True when there is a way for it to go."""
        return self.mail is not None or self.folder is not None


def digest_in(entry: Entry) -> DigestSettings:
    """The table `[digest]`. Raises SettingsError."""
    found = _table(entry, ("at", "with_names", "folder", "mail"))
    values: dict[str, Any] = {}
    if "at" in found:
        values["at"] = _time(found["at"])
    if "with_names" in found:
        values["with_names"] = _yes_or_no(found["with_names"])
    if "folder" in found:
        values["folder"] = _path(found["folder"])
    if "mail" in found:
        values["mail"] = _mail(found["mail"])
    return DigestSettings(**values)


def _mail(entry: Entry) -> MailSettings:
    keys = ("host", "port", "starttls", "user", "password_file", "ca_file", "from", "to")
    found = _table(entry, keys)
    for key in ("host", "from", "to"):
        if key not in found:
            raise Entry(entry.origin, f"{entry.key}.{key}", None).refused("a value", "Add it")
    values: dict[str, Any] = {
        "host": found["host"].text("the mail server's name", "Write it like 'mail.example.org'"),
        "sender": _address(found["from"]),
        "to": _addresses(found["to"]),
    }
    if "port" in found:
        values["port"] = found["port"].whole_number(1, LARGEST_PORT)
    if "starttls" in found:
        values["starttls"] = _yes_or_no(found["starttls"])
    if "user" in found:
        values["user"] = found["user"].text("a name", "Write the name as the mail server knows it")
    for key in ("password_file", "ca_file"):
        if key in found:
            values[key] = _path(found[key])
    mail = MailSettings(**values)
    if bool(mail.user) != bool(mail.password_file):
        raise Entry(entry.origin, f"{entry.key}.user", mail.user).refused(
            "user and password_file together, or neither", "Add the other"
        )
    if mail.user and not mail.starttls:
        raise Entry(entry.origin, f"{entry.key}.starttls", False).refused(
            "true beside a password", "A password is never sent in the clear"
        )
    return mail


def _table(entry: Entry, keys: tuple[str, ...]) -> Mapping[str, Entry]:
    if not isinstance(entry.found, dict) or not set(entry.found) <= set(keys):
        raise entry.refused(f"a table with {', '.join(keys)}", f"Write it as [{entry.key}]")
    return {
        key: Entry(entry.origin, f"{entry.key}.{key}", found) for key, found in entry.found.items()
    }


def _time(entry: Entry) -> time:
    text = entry.text("a time of day", "Write it like '06:30'")
    if not _TIME.fullmatch(text):
        raise entry.refused("a time of day", "Write it like '06:30'")
    return time.fromisoformat(text)


def _yes_or_no(entry: Entry) -> bool:
    if not isinstance(entry.found, bool):
        raise entry.refused("true or false", "Write it without quotes")
    return entry.found


def _path(entry: Entry) -> Path:
    return Path(entry.origin).parent / entry.text("a path", 'Write it like "/etc/itb-cds/..."')


def _address(entry: Entry) -> str:
    expected, remedy = "a mail address", "Write it like 'pumps@example.org', without a name"
    text = entry.text(expected, remedy)
    if not _ADDRESS.fullmatch(text):
        raise entry.refused(expected, remedy)
    return text


def _addresses(entry: Entry) -> tuple[str, ...]:
    if not isinstance(entry.found, list) or not entry.found:
        raise entry.refused("a list of mail addresses", "Write it like ['pumps@example.org']")
    return tuple(
        _address(Entry(entry.origin, f"{entry.key}[{number}]", found))
        for number, found in enumerate(entry.found, start=1)
    )
