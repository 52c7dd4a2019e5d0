"""The issuers that the site named, ready to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cds_service.ehr.authorization_server import AuthorizationServer, Proof
from cds_service.ehr.id_token import IssuerKeys
from cds_service.ehr.signing_keys import SigningKey, signing_key
from cds_service.errors import SettingsError
from cds_service.settings import Issuer, SignInSettings


@dataclass(frozen=True, slots=True)
class KnownIssuer:
    """One issuer, its server, and the keys by which it signs."""

    issuer: Issuer
    server: AuthorizationServer
    keys: IssuerKeys


def known_issuers(settings: SignInSettings) -> Mapping[str, KnownIssuer]:
    """The issuers by name. Nothing is asked of them yet. Raises SettingsError."""
    return {issuer.name: _known(issuer) for issuer in settings.issuers}


def our_keys(settings: SignInSettings) -> list[SigningKey]:
    """The keys by which we prove to issuers who we are, for publication. Raises SettingsError."""
    return [
        signing_key(issuer.key_file, _setting(issuer, "key_file"))
        for issuer in settings.issuers
        if issuer.key_file
    ]


def _known(issuer: Issuer) -> KnownIssuer:
    key = signing_key(issuer.key_file, _setting(issuer, "key_file")) if issuer.key_file else None
    secret = _secret(issuer.secret_file, issuer) if issuer.secret_file else ""
    server = AuthorizationServer(issuer, Proof(key, secret))
    return KnownIssuer(issuer, server, IssuerKeys(server))


def _secret(file: Path, issuer: Issuer) -> str:
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if not secret or not secret.isprintable():
        raise SettingsError(
            f"{_setting(issuer, 'secret_file')}: found no file that can be read as a secret, "
            "expected one line. Correct the file or its rights."
        )
    return secret


def _setting(issuer: Issuer, key: str) -> str:
    return f"sign_in.issuers.{issuer.name}.{key}"
