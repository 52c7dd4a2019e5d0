"""A FHIR server of our own that misbehaves as it is told, on real sockets of this machine."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qsl

Behaviour = Callable[["Exchange"], None]
EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": []}


class Exchange(BaseHTTPRequestHandler):
    """One request, and how it is answered."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        double = self.server.double
        double.asked.append((self.path, dict(self.headers.items())))
        kind = self.path.partition("?")[0].split("/")[2]
        behaviour = double.behaviours.get(kind, double.otherwise)
        with suppress(OSError):
            behaviour(self)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self.server.double.posted.append(dict(parse_qsl(self.rfile.read(length).decode())))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass

    def answer(
        self,
        body: object,
        status: int = 200,
        media_type: str = "application/fhir+json",
        **headers: str,
    ) -> None:
        """A whole answer; dicts are sent as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.start(status, media_type, len(content), **headers)
        self.wfile.write(content)

    def start(self, status: int, media_type: str, length: int, **headers: str) -> None:
        """Status and headers; `Content_Encoding` stands for Content-Encoding."""
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(length))
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()

    def pause(self, seconds: float) -> None:
        """Waits, but not longer than the double lives."""
        self.server.double.over.wait(seconds)

    def drip(self, content: bytes, seconds: float) -> None:
        """Sends byte by byte."""
        for index in range(len(content)):
            self.wfile.write(content[index : index + 1])
            self.wfile.flush()
            if self.server.double.over.wait(seconds):
                return


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    double: "FhirDouble"

    def handle_error(self, *_: object) -> None:
        pass


class FhirDouble:
    """What it does for each resource type, and what it was asked."""

    def __init__(self) -> None:
        self.behaviours: dict[str, Behaviour] = {}
        self.otherwise: Behaviour = lambda exchange: exchange.answer(EMPTY)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.posted: list[dict[str, str]] = []
        self.over = Event()
        self.address = ""

    def paths(self) -> list[str]:
        """The addresses asked for, in order."""
        return [path for path, _ in self.asked]


@contextmanager
def fhir_double() -> Iterator[FhirDouble]:
    """The double, listening while the block runs."""
    double = FhirDouble()
    server = _Server(("127.0.0.1", 0), Exchange)
    server.double = double
    double.address = f"http://127.0.0.1:{server.server_port}/fhir"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield double
    finally:
        double.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def searchset(*resources: dict[str, object], **members: object) -> dict[str, object]:
    """A Bundle of resources."""
    entries = [{"resource": each, "search": {"mode": "match"}} for each in resources]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return {**bundle, "entry": entries, **members}


def device(number: int, **other: object) -> dict[str, object]:
    """A Device of patient p1 that is no pump."""
    return {
        "resourceType": "Device",
        "id": f"d{number}",
        "status": "active",
        "patient": {"reference": "Patient/p1"},
        **other,
    }


def refused_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stopwatch() -> Callable[[], float]:
    """The seconds since now."""
    started = time.monotonic()
    return lambda: time.monotonic() - started
