"""Headers of every answer: nothing is cached, nothing is guessed, nothing is embedded."""

from flask import Flask, Response

RESPONSE_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # JSON needs nothing; a page states its own policy, and keeps it.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def add_response_headers(app: Flask) -> None:
    """Adds the headers to every answer that does not set them itself."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in RESPONSE_HEADERS.items():
            response.headers.setdefault(name, value)
        return response
