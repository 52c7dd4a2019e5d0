"""Keyed hashes in place of the ids of patients and users, and the site's key to make them.

Without the key nobody can tell from a hash whether it is a given patient's.
"""

import hmac
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cds_service.errors import SettingsError

FINGERPRINT = "fingerprint"
"""The name under which a database keeps the fingerprint of its key."""

_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Pseudonyms:
    """Makes the hashes. `client` is the EHR's name: ids of two EHRs are never taken for one."""

    key: bytes

    def of_patient(self, client: str, patient_id: str) -> str:
        """The patient as the store knows the patient."""
        return self._hash("patient", client, patient_id)

    def of_user(self, client: str, user_id: str) -> str:
        """The user as the store knows the user."""
        return self._hash("user", client, user_id)

    def seal(self, content: bytes) -> str:
        """A hash that proves content unchanged and betrays nothing of it."""
        return hmac.new(self.key, b"content\0" + content, sha256).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Tells keys apart without giving them away."""
        return self._hash("fingerprint")

    def _hash(self, *parts: str) -> str:
        return hmac.new(self.key, "\0".join(parts).encode(), sha256).hexdigest()


def new_key() -> bytes:
    """A key nobody has seen."""
    return secrets.token_bytes(_BYTES)


def key_in(file: Path) -> bytes:
    """The site's key, made when there is none yet. Raises SettingsError.

    Processes that start together agree on one: whoever links the file first has made it.
    """
    try:
        if not file.exists():
            _make(file)
        key = file.read_bytes()
    except OSError as fault:
        raise SettingsError(
            f"{file}: the store's key cannot be read or made ({fault.strerror}), expected a file "
            "that only this service may read. Correct the rights of the store's folder."
        ) from None
    if len(key) != _BYTES:
        raise SettingsError(
            f"{file}: found {len(key)} bytes, expected a key of {_BYTES}. Put the key back from "
            "the backup; without it the store's hashes mean nothing."
        )
    return key


def _make(file: Path) -> None:
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(new_key())
        written.flush()
        os.fsync(written.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
