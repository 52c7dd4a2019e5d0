"""Where words for people go when nobody is looking at a page: mail, and files in a folder."""

import os
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from secrets import token_hex

from cds_service.errors import MailError
from cds_service.mail.smtp import send
from cds_service.settings import DigestSettings


def post(ways: DigestSettings, name: str, subject: str, body: str, now: datetime) -> None:
    """Sends a text by mail and writes it as a file, as far as the site names the ways.

    The file is `<name>-<moment>.txt`, readable by this service's own user alone. Both are tried;
    raises MailError when one of them fails.
    """
    failures = []
    if ways.folder is not None:
        try:
            _write(ways.folder, f"{name}-{now:%Y-%m-%dT%H%M}.txt", f"{subject}\n\n{body}")
        except OSError as fault:
            failures.append(f"digest.folder: the file cannot be written ({fault.strerror}).")
    if ways.mail is not None:
        try:
            send(ways.mail, _message(ways.mail.sender, ways.mail.to, subject, body, now))
        except MailError as fault:
            failures.append(str(fault))
    if failures:
        raise MailError(" ".join(failures))


def _message(
    sender: str, to: tuple[str, ...], subject: str, body: str, now: datetime
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message


def _write(folder: Path, name: str, text: str) -> None:
    """Writes the file whole or not at all: what reads the folder never sees half of it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{name}.{token_hex(4)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        written.write(text)
    draft.replace(folder / name)
