"""Steady load while other clients stall: half of a request is sent, and then nothing more.

Calls are due at fixed times, each on a connection of its own, and timed from when they were due:
a call that waits behind others counts its wait.
"""

import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median

from tests.bench.servers import HOST, OURS, Server

CALLS_A_SECOND = 20
SOME, MORE_THAN_FIT = 300, 1200
"""Stalled connections: fewer, and more, than the service keeps open."""

SECONDS_TO_GIVE_UP = 8.0
_CALLERS = 64


@dataclass(frozen=True, slots=True)
class Call:
    """What became of one call: seconds since it was due, and the status (0: no answer)."""

    due: float
    seconds: float
    status: int


@dataclass(frozen=True, slots=True)
class Phase:
    """The calls of one spell of load."""

    name: str
    calls: list[Call]

    def milliseconds(self, share: float) -> float:
        """The time that this share of the calls did not exceed."""
        ordered = sorted(call.seconds for call in self.calls)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    def answered(self, *statuses: int) -> int:
        return sum(call.status in statuses for call in self.calls)


def print_stalled(requests: Sequence[bytes], seconds: float) -> None:
    """Measures and prints: calm, some stalled, more than fit, and after they hung up."""
    with Server(OURS) as server:
        server.connected().close()
        phases = list(_phases(server, requests, seconds))
    print(
        f"\nStalled clients: {CALLS_A_SECOND} calls/s, half of them with cards, each on a new "
        "connection;\n  the others sent half of such a request and then nothing."
    )
    print(f"{'while':<41}{'calls':>7}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'503':>6}{'none':>6}")
    for phase in phases:
        print(
            f"{phase.name:<41}{len(phase.calls):>7}{phase.milliseconds(0.5):>9.1f}"
            f"{phase.milliseconds(0.95):>9.1f}{phase.milliseconds(0.99):>9.1f}"
            f"{phase.answered(503):>6}{phase.answered(0):>6}"
        )
    print(f"Recovery after the last hung up: {_recovery(phases[0], phases[-1])}")


def _phases(server: Server, requests: Sequence[bytes], seconds: float) -> Iterator[Phase]:
    _load(server.port, requests, 1)
    yield Phase("nobody stalls", _load(server.port, requests, seconds))
    with _stalling(server.port, requests[0], SOME):
        calls = _load(server.port, requests, seconds)
    yield Phase(f"{SOME} clients stall", calls)
    with _stalling(server.port, requests[0], MORE_THAN_FIT):
        calls = _load(server.port, requests, 2 * seconds)
    yield Phase(f"{MORE_THAN_FIT} clients stall", calls)
    yield Phase("they hung up", _load(server.port, requests, seconds))


def _load(port: int, requests: Sequence[bytes], seconds: float) -> list[Call]:
    began = time.perf_counter()
    dues = [number / CALLS_A_SECOND for number in range(int(seconds * CALLS_A_SECOND))]
    with ThreadPoolExecutor(_CALLERS) as pool:
        asked = [
            pool.submit(_call, port, request, began + due)
            for due, request in zip(dues, islice(cycle(requests), len(dues)), strict=True)
            if _slept_until(began + due)
        ]
        return [call.result() for call in asked]


def _slept_until(moment: float) -> bool:
    time.sleep(max(0.0, moment - time.perf_counter()))
    return True


def _call(port: int, request: bytes, due: float) -> Call:
    try:
        with socket.create_connection((HOST, port), timeout=SECONDS_TO_GIVE_UP) as connection:
            connection.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        status = int(received.split(b" ", 2)[1])
    except (OSError, IndexError, ValueError):
        status = 0
    return Call(due, time.perf_counter() - due, status)


@contextmanager
def _stalling(port: int, request: bytes, number: int) -> Iterator[None]:
    """So many connections, each with half a request on its way, while the block runs."""
    stalled = []
    try:
        for _ in range(number):
            connection = socket.socket()
            connection.setblocking(False)
            connection.connect_ex((HOST, port))
            stalled.append(connection)
        time.sleep(0.1)
        for connection in stalled:
            try:
                connection.send(request[:2000])
            except OSError:
                continue
        yield
    finally:
        for connection in stalled:
            connection.close()


def _recovery(calm: Phase, after: Phase) -> str:
    """The seconds until calls took no longer than twice what they did when nobody stalled."""
    usual = 2 * max(median(call.seconds for call in calm.calls), 0.02)
    first = after.calls[0].due
    slow = [call for call in after.calls if call.seconds > usual or call.status != 200]
    if not slow:
        return "at once"
    last = max(slow, key=lambda call: call.due)
    return f"{last.due + last.seconds - first:.1f} s"
