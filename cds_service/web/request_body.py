"""The body of a request, once its headers promise what can be read."""

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from cds_service.errors import RequestError

_KIND = b'"resourceType"'
MEDIA_TYPES = ("application/json", "application/fhir+json")


def request_body(most_resources: int | None = None) -> bytes:
    """The request's body, once its media type promises JSON in UTF-8.

    Raises RequestError when it holds more than `most_resources` FHIR resources.
    """
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if request.mimetype not in MEDIA_TYPES or charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(
            f"Found another Content-Type, expected {' or '.join(MEDIA_TYPES)} in UTF-8."
        )
    if encoding != "identity":
        raise UnsupportedMediaType("Found a compressed body, expected it uncompressed.")
    body = request.get_data(cache=False)
    # Short bodies cannot hold that many: they are not looked through.
    if most_resources is not None and len(body) > most_resources * len(_KIND):
        found = body.count(_KIND)
        if found > most_resources:
            raise RequestError(
                f"the body: found {found} resources, expected at most {most_resources}. Send fewer "
                "a search (_count, or a later date), or ask for a higher most_entries."
            )
    return body
