"""JSON on its way out."""

from typing import Any

import msgspec
from flask import Response

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def json_answer(content: Any, status: int = 200) -> Response:
    """The content as a JSON answer."""
    return json_bytes_answer(encoded(content), status)


def encoded(content: Any) -> bytes:
    """The content as JSON; decimals keep their digits and become numbers."""
    return _ENCODER.encode(content)


def json_bytes_answer(body: bytes, status: int = 200) -> Response:
    """JSON that is encoded already, as an answer."""
    return Response(body, status, content_type="application/json")
