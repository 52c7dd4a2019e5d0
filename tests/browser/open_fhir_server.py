"""A FHIR server without login that a page may read: the demo clinic's charts of one day."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from tests.web.requirements.conftest import KINDS

NOT_FOUND = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_OPTIONS(self) -> None:
        self.send_response(204)
        self._end()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._answer(parts.path.removeprefix("/fhir/"), parts.query)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        path = self.path.removeprefix("/fhir/")
        self._answer(path.removesuffix("/_search"), sent)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, path: str, query: str) -> None:
        server = self.server.charts
        server.asked.append(f"{self.command} {self.path}")
        found = server.found(path, query)
        content = json.dumps(found or NOT_FOUND).encode()
        with suppress(OSError):
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(content)))
            self._end()
            self.wfile.write(content)

    def _end(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "*, authorization, content-type")
        self.send_header("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
        self.end_headers()


class Charts:
    """The charts, those that a test changed, and what was asked."""

    def __init__(self, today: date) -> None:
        self._today = today
        self.changed: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.address = ""

    def chart(self, patient_id: str) -> dict[str, Any]:
        """The prefetch keys of a patient."""
        chart = PATIENTS[patient_id].chart(self._today)
        return dict(prefetch(chart, self._today, Faults())) | self.changed.get(patient_id, {})

    def found(self, path: str, query: str) -> dict[str, Any] | None:
        """What is answered to a read or a search; None when there is no such thing."""
        kind, _, patient_id = path.partition("/")
        if path == "metadata":
            return {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
        if kind == "Patient":
            known = patient_id in PATIENTS
            return self.chart(patient_id)["patient"] if known else {"resourceType": "Bundle"}
        key = next((key for key, each in KINDS.items() if each == path), None)
        (patient_id,) = parse_qs(query).get("patient", [""])
        if key is None or patient_id not in PATIENTS:
            return None
        found: dict[str, Any] | None = self.chart(patient_id).get(key)
        return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    charts: Charts


@contextmanager
def open_fhir_server(today: date) -> Iterator[Charts]:
    """The server, listening while the block runs."""
    server = _Server(("127.0.0.1", 0), _Exchange)
    server.charts = Charts(today)
    server.charts.address = f"http://127.0.0.1:{server.server_port}/fhir"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.charts
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
