"""The load: one connection, one request after the other, every answer read and looked at."""

import itertools
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType

from tests.bench.servers import HOST, CouldNotMeasureError, Server

PATH = "/cds-services/itb-patient-view"
_END_OF_HEAD = b"\r\n\r\n"
_OK = b"HTTP/1.1 200 "

Check = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Timing:
    """What one spell of load cost: milliseconds, `latencies` one a request in their order."""

    cpu_ms: float
    latencies: list[float]
    requests_per_second: float

    def percentile(self, share: float) -> float:
        """The latency that this share of the requests did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Caller:
    """A kept-alive connection to one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._connection: socket.socket = server.connected()

    def __enter__(self) -> "Caller":
        return self

    def __exit__(
        self, _type: type | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def ask(self, request: bytes) -> bytes:
        """The body of the answer, which must be a 200."""
        self._connection.sendall(request)
        received = b""
        while _END_OF_HEAD not in received:
            received += self._more()
        head, _, body = received.partition(_END_OF_HEAD)
        if not head.startswith(_OK):
            raise CouldNotMeasureError(f"found {head[:60]!r} {body[:300]!r}, expected a 200")
        missing = _content_length(head) - len(body)
        while missing > 0:
            part = self._more()
            body += part
            missing -= len(part)
        return body

    def spell(self, requests: Sequence[bytes], is_right: Check, seconds: float) -> Timing:
        """Asks these requests in turn for so many seconds (once each at least)."""
        latencies = []
        cpu = self.server.cpu_seconds()
        began = now = time.perf_counter()
        for number, request in enumerate(itertools.cycle(requests)):
            if now - began >= seconds and number >= len(requests):
                break
            asked = time.perf_counter()
            body = self.ask(request)
            now = time.perf_counter()
            latencies.append((now - asked) * 1000)
            if not is_right(body):
                raise CouldNotMeasureError(f"a wrong answer under load: {body[:300]!r}")
        cpu_ms = (self.server.cpu_seconds() - cpu) * 1000 / len(latencies)
        return Timing(cpu_ms, latencies, len(latencies) / (now - began))

    def _more(self) -> bytes:
        part = self._connection.recv(65536)
        if not part:
            raise CouldNotMeasureError("the server closed the connection")
        return part


def post(body: bytes) -> bytes:
    """The hook call as it goes over the wire."""
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    raise CouldNotMeasureError("an answer without Content-Length")
