"""FHIR on its way out: media type, ETag, and what the caller accepts."""

from typing import Any

from flask import Response, request
from werkzeug.exceptions import NotAcceptable

from cds_service.web.json_answer import encoded

FHIR_JSON = "application/fhir+json"
_FORMATS = ("json", "application/json", FHIR_JSON)


def check_format() -> None:
    """Refuses a caller that takes no JSON."""
    asked = request.args.get("_format", "json").replace(" ", "+")
    wanted = request.accept_mimetypes
    takes_json = not wanted or wanted.best_match([FHIR_JSON, "application/json"])
    if asked not in _FORMATS or (not takes_json and "_format" not in request.args):
        raise NotAcceptable(f"FHIR is sent as {FHIR_JSON} only. Ask for it.")


def fhir_answer(content: Any, status: int = 200) -> Response:
    """The resource as an answer."""
    return Response(encoded(content), status, content_type=FHIR_JSON)


def tagged_answer(body: bytes, etag: str, content_type: str = FHIR_JSON) -> Response:
    """Bytes with their ETag; 304 without them when the caller has them already."""
    answer = Response(body, content_type=content_type)
    answer.set_etag(etag, weak=True)
    # Kept by the caller, but asked about each time: a threshold may change overnight.
    answer.headers["Cache-Control"] = "no-cache"
    answer.make_conditional(request)
    return answer
