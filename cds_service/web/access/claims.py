"""Who somebody is here: a person and a role, from what an issuer says and the site's settings."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from cds_service.errors import SignInRefusedError
from cds_service.settings import Issuer
from cds_service.web.access.person import Person, Role

LONGEST_NAME = 200
_LONGEST_ID = 255
_NAME_CLAIMS = ("name", "preferred_username", "email")


def person_of(issuer: Issuer, claims: Mapping[str, Any]) -> Person:
    """The person whom an id_token names.

    Of several roles the first counts: coordinator, clinician, hospital IT. Raises
    SignInRefusedError for somebody to whom the site gives none.
    """
    role = next((each for each in Role if _holds(issuer, each, claims)), None)
    if role is None:
        raise SignInRefusedError(
            "You are known to the sign-in server, but this service has no role for you. Ask "
            "hospital IT to give you one: coordinator, clinician or hospital IT."
        )
    return Person(_id(issuer, str(claims["sub"])), _name(issuer, claims), role)


def is_named(claims: Mapping[str, Any]) -> bool:
    """Whether the id_token says how others know the person."""
    return any(isinstance(claims.get(claim), str) and claims[claim] for claim in _NAME_CLAIMS)


def fhir_user(issuer: Issuer, claims: Mapping[str, Any]) -> str:
    """The user as Type/id on the issuer's own FHIR server; '' for none, or one of elsewhere."""
    said = claims.get("fhirUser")
    if not isinstance(said, str):
        return ""
    base = f"{issuer.iss.rstrip('/')}/"
    local = said.removeprefix(base)
    try:
        is_elsewhere = bool(urlsplit(local).scheme or urlsplit(local).netloc)
    except ValueError:
        return ""
    parts = local.split("/")
    is_plain = len(parts) == 2 and all(part.strip(".") and part.isprintable() for part in parts)  # noqa: PLR2004
    return local if is_plain and not is_elsewhere and not set(local) & set("?#%\\") else ""


def _holds(issuer: Issuer, role: Role, claims: Mapping[str, Any]) -> bool:
    return any(
        _matches(issuer, claim, wanted, claims) for claim, wanted in issuer.roles.get(role, ())
    )


def _matches(issuer: Issuer, claim: str, wanted: str, claims: Mapping[str, Any]) -> bool:
    if claim == "fhirUser":
        user = fhir_user(issuer, claims)
        return user == wanted or (wanted.endswith("/*") and user.startswith(wanted[:-1]))
    said = claims.get(claim)
    return said == wanted if isinstance(said, str) else isinstance(said, list) and wanted in said


def _id(issuer: Issuer, sub: str) -> str:
    """Unique over all issuers, and short enough to be kept."""
    id_ = f"{issuer.name}/{sub}"
    if len(id_) <= _LONGEST_ID:
        return id_
    return f"{issuer.name}/sha256:{sha256(sub.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _name(issuer: Issuer, claims: Mapping[str, Any]) -> str:
    for claim in _NAME_CLAIMS:
        said = claims.get(claim)
        if isinstance(said, str) and said.strip() and said.isprintable():
            return said.strip()[:LONGEST_NAME]
    return fhir_user(issuer, claims) or _id(issuer, str(claims["sub"]))[:LONGEST_NAME]
