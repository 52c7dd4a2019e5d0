"""Calls from web pages of other origins (CORS), for clients that run in a browser.

Only origins that the site names; no credentials of the browser; a preflight needs no token.
"""

from collections.abc import Sequence

from flask import Flask, Response, request

from cds_service.web.authentication import is_protected

METHODS = "GET, POST, OPTIONS"
HEADERS = "authorization, content-type"
SECONDS_REMEMBERED = "300"

_NO_CONTENT = 204


def answer_other_origins(app: Flask, allowed: Sequence[str]) -> None:
    """Lets pages of the allowed origins call the CDS services, and no others."""
    origins = frozenset(allowed)

    @app.before_request
    def preflight() -> Response | None:
        is_asked = request.method == "OPTIONS" and is_protected(request.path)
        return Response(status=_NO_CONTENT, headers={"Allow": METHODS}) if is_asked else None

    @app.after_request
    def name_origin(response: Response) -> Response:
        if not is_protected(request.path):
            return response
        response.headers.add("Vary", "Origin")
        origin = request.headers.get("Origin")
        if origin not in origins:
            return response
        response.headers["Access-Control-Allow-Origin"] = str(origin)
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = HEADERS
            response.headers["Access-Control-Max-Age"] = SECONDS_REMEMBERED
        return response
