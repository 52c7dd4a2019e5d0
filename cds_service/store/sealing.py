"""What is encrypted before it is kept, with a key made from the site's own for each purpose."""

import base64
import hmac
from hashlib import sha256

from cds_service.errors import StoreError


class Sealing:
    """Seals and opens; what was sealed for one purpose cannot be opened for another."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._key = base64.urlsafe_b64encode(hmac.new(key, purpose.encode(), sha256).digest())

    def seal(self, content: bytes) -> bytes:
        """The content encrypted; nothing stays nothing."""
        # Imported late: a service without pages never pays for it.
        from cryptography.fernet import Fernet  # noqa: PLC0415

        return Fernet(self._key).encrypt(content) if content else b""

    def open(self, sealed: bytes) -> bytes:
        """What was sealed. Raises StoreError."""
        from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415

        try:
            return Fernet(self._key).decrypt(sealed) if sealed else b""
        except InvalidToken:
            raise StoreError("store: an entry was sealed with another key.") from None
