"""The yardstick: Flask parses the body with the standard json module and answers a fixed card.

`static_floor tuned PORT` serves with the product's own waitress settings and frozen heap,
`static_floor stock PORT` with waitress's own settings and eight threads.
"""

import gc
import sys

import waitress
from flask import Flask, Response, jsonify, request

CARD = {
    "uuid": "5b0c6f0a-4a4f-4f57-9b0e-4d8f0f6a1c11",
    "summary": "Refill the pump",
    "indicator": "warning",
    "detail": "A fixed text of the length that a short card has.",
    "source": {"label": "Static answer"},
}

app = Flask(__name__)


@app.post("/cds-services/itb-patient-view")
def answer() -> Response:
    assert "prefetch" in request.get_json()
    return jsonify({"cards": [CARD]})


def main() -> None:
    settings, port = sys.argv[1], int(sys.argv[2])
    if settings == "stock":
        waitress.serve(app, host="127.0.0.1", port=port, threads=8, _quiet=True)
        return
    # Only here: the stock floor's memory must not hold the product.
    from cds_service.app.server import make_server  # noqa: PLC0415

    server = make_server(app, "127.0.0.1", port)
    gc.collect()
    gc.freeze()
    server.run()


if __name__ == "__main__":
    main()
