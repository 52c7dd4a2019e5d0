"""The body of a request, once its headers promise what can be read."""

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

MEDIA_TYPES = ("application/json", "application/fhir+json")


def request_body() -> bytes:
    """The request's body, once its media type promises JSON in UTF-8."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if request.mimetype not in MEDIA_TYPES or charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(
            f"Found another Content-Type, expected {' or '.join(MEDIA_TYPES)} in UTF-8."
        )
    if encoding != "identity":
        raise UnsupportedMediaType("Found a compressed body, expected it uncompressed.")
    return request.get_data(cache=False)
