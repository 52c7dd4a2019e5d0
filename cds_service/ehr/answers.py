"""Whether what a FHIR server answered is FHIR JSON, and what a refusal means in words."""

from cds_service.ehr.web_client import Reply
from cds_service.errors import NotObtainedError

_MEDIA_TYPES = ("application/fhir+json", "application/json", "application/json+fhir")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OK = 200
_REDIRECTS = range(300, 400)
_FAILURES = range(500, 600)

_WRITTEN = (200, 201)

_NOT_WRITTEN = {
    403: "does not permit the writing of {kind} (403)",
    409: "has a newer version of the {kind} (409)",
    412: "has a newer version of the {kind}, or several (412)",
    422: "does not take this {kind} (422)",
}
_REFUSALS = {
    401: "did not accept the access token (401)",
    403: "does not permit the reading of {kind} (403)",
    404: "does not know it (404)",
    410: "says that it was deleted (410)",
    429: "is asked too often (429)",
}


def checked(reply: Reply, kind: str) -> bytes:
    """The body of a good answer in FHIR JSON; `kind` is what was asked for.

    Raises NotObtainedError.
    """
    if reply.status != _OK:
        raise NotObtainedError(str(reply.status), _refusal(reply.status, kind))
    media_type = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        raise NotObtainedError("not-fhir", "answered with something that is not FHIR JSON")
    if reply.body.startswith(_BYTE_ORDER_MARK):
        raise NotObtainedError("not-fhir", "answered with a byte order mark before the JSON")
    if not reply.body.isascii():
        try:
            reply.body.decode()
        except UnicodeDecodeError:
            raise NotObtainedError("not-fhir", "answered with bytes that are not UTF-8") from None
    return reply.body


def check_written(reply: Reply, kind: str) -> None:
    """Looks whether a write of this kind was taken. Raises NotObtainedError."""
    if reply.status in _WRITTEN:
        return
    words = _NOT_WRITTEN.get(reply.status) or _REFUSALS.get(reply.status)
    if words is None:
        words = _refusal(reply.status, kind).replace("the reading of", "the writing of")
    raise NotObtainedError(str(reply.status), words.format(kind=kind))


def _refusal(status: int, kind: str) -> str:
    if status in _REFUSALS:
        return _REFUSALS[status].format(kind=kind)
    if status in _REDIRECTS:
        return f"answered with a redirect ({status}), which is not followed"
    if status in _FAILURES:
        return f"failed ({status})"
    return f"refused the reading of {kind} ({status})"
