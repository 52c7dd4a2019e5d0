"""Speed, start-up time and memory of the service, against a static Flask answer in the same run.

    make bench                              about a minute, prints the table and the targets
    .venv/bin/python tests/bench/run.py --profile     where the time goes inside the service

ITB_BENCH_SECONDS: the length of one spell of load (default 2; one spell a row and round).
Exit status 0 when it could measure, whether or not the targets are met; else 1.
"""

import argparse
import json
import os
import platform
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import hook_bodies
from tests.bench.load import Caller, Check, Timing, post
from tests.bench.servers import (
    FLOOR_STOCK,
    FLOOR_TUNED,
    OURS,
    Command,
    CouldNotMeasureError,
    Memory,
    Server,
)
from tests.bench.stalled import print_stalled
from tests.bench.worklist_pages import print_worklist

ROUNDS = 5
STARTS = 5
WARM_UP = 200
GROWTH_REQUESTS = 2000
NO_CARDS = b'{"cards":[]}'
FLOOR, NO_PUMP, PUMP, STOCK = (
    "(a) static Flask, our waitress settings",
    "(b) ours, patient without a pump",
    "(c) ours, pump patient, all plans",
    "(a') static Flask, waitress defaults",
)
MOST_CPU = {NO_PUMP: 0.30, PUMP: 0.60}
"""CPU per request as a share of the static answer's."""
MOST_SECONDS_TO_START = 2.0
MOST_MEGABYTES = 120.0


@dataclass
class Row:
    """One kind of request to one server, and what its spells of load cost."""

    name: str
    caller: Caller
    requests: list[bytes]
    is_right: Check
    timings: list[Timing] = field(default_factory=list)

    def cpu_ms(self) -> float:
        return median(timing.cpu_ms for timing in self.timings)

    def latency(self, share: float) -> float:
        return median(timing.percentile(share) for timing in self.timings)

    def throughput(self) -> float:
        return median(timing.requests_per_second for timing in self.timings)

    def ratios(self, floor: "Row") -> list[float]:
        """Our CPU over the floor's, round by round."""
        pairs = zip(self.timings, floor.timings, strict=True)
        return [ours.cpu_ms / theirs.cpu_ms for ours, theirs in pairs]


@dataclass(frozen=True, slots=True)
class Calls:
    """The requests on the wire, each several times under a hookInstance of its own."""

    no_pump: list[bytes]
    pump: list[bytes]

    @property
    def both(self) -> list[bytes]:
        return [call for pair in zip(self.no_pump, self.pump, strict=True) for call in pair]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--profile", action="store_true", help="profile instead of measuring")
    is_profile = options.parse_args().profile
    try:
        return _profile() if is_profile else _measure(_seconds())
    except (CouldNotMeasureError, OSError) as fault:
        print(f"error: could not measure: {fault}", file=sys.stderr)
        return 1


def _seconds() -> float:
    text = os.environ.get("ITB_BENCH_SECONDS") or "2"
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 600:
        raise CouldNotMeasureError(f"ITB_BENCH_SECONDS: found {text!r}, expected seconds above 0")
    return seconds


def _profile() -> int:
    from tests.bench.stages import print_stages  # noqa: PLC0415

    today = datetime.now(UTC).date()
    print_stages(NO_PUMP, hook_bodies.calls(hook_bodies.without_pump(today), 1)[0])
    print_stages(PUMP, hook_bodies.calls(hook_bodies.with_pump(today), 1)[0])
    return 0


def _measure(seconds: float) -> int:
    today = datetime.now(UTC).date()
    calls = Calls(
        no_pump=[post(body) for body in hook_bodies.calls(hook_bodies.without_pump(today), 16)],
        pump=[post(body) for body in hook_bodies.calls(hook_bodies.with_pump(today), 16)],
    )
    _print_setting(seconds)
    _check_answers(calls)
    starts = _starts(calls)
    growth = _growth(calls)
    rows, memory = _rounds(calls, seconds)
    _print_rows(rows)
    _print_processes(starts, growth, memory)
    _print_targets(rows, starts[OURS], max(growth[1].rss, memory[OURS].rss))
    # Short in a short run: a machine that tests every change measures other things too.
    print_stalled(calls.both, min(2 * seconds, 10))
    print_worklist()
    return 0


def _check_answers(calls: Calls) -> None:
    """Says nothing if every server answers as it should: speed of a wrong answer is no speed."""
    for command in (FLOOR_TUNED, FLOOR_STOCK):
        with Server(command) as server, Caller(server) as caller:
            if not _is_static(caller.ask(calls.pump[0])):
                raise CouldNotMeasureError("the static server does not answer with its card")
    with Server(OURS) as server, Caller(server) as caller:
        _expect("without a pump", caller.ask(calls.no_pump[0]), NO_CARDS)
        cards = json.loads(caller.ask(calls.pump[0]))["cards"]
        topics = [card["source"]["topic"]["code"] for card in cards]
        _expect("topics with a pump", topics, hook_bodies.PUMP_TOPICS)
        evidence = cards[-1]["extension"]["org.itb-pump-cds.evidence"]
        _expect("also due", evidence.get("alsoDue"), hook_bodies.PUMP_ALSO_DUE)


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise CouldNotMeasureError(f"{what}: found {found!r}, expected {expected!r}")


def _is_static(body: bytes) -> bool:
    return b'"summary":"Refill the pump"' in body


def _has_no_cards(body: bytes) -> bool:
    return body == NO_CARDS


def _has_cards(body: bytes) -> bool:
    return body.startswith(b'{"cards":[{') and body.count(b'"indicator"') == len(
        hook_bodies.PUMP_TOPICS
    )


def _starts(calls: Calls) -> dict[Command, list[float]]:
    """Seconds from the command to its first answer, of several starts that take turns."""
    seconds: dict[Command, list[float]] = {OURS: [], FLOOR_STOCK: []}
    for _ in range(STARTS):
        for command, found in seconds.items():
            with Server(command) as server, Caller(server) as caller:
                caller.ask(calls.pump[0])
                found.append(time.perf_counter() - server.started)
    return seconds


def _growth(calls: Calls) -> tuple[Memory, Memory]:
    """Our memory once it is warm, and after so many requests more."""
    with Server(OURS) as server, Caller(server) as caller:
        _ask_times(caller, calls.both, WARM_UP)
        warm = server.memory()
        _ask_times(caller, calls.both, GROWTH_REQUESTS)
        return warm, server.memory()


def _ask_times(caller: Caller, requests: list[bytes], times: int) -> None:
    for number in range(times):
        caller.ask(requests[number % len(requests)])


def _rounds(calls: Calls, seconds: float) -> tuple[dict[str, Row], dict[Command, Memory]]:
    """Every row in every round, each round beginning with another row."""
    with ExitStack() as stack:
        callers = {
            command: stack.enter_context(Caller(stack.enter_context(Server(command))))
            for command in (FLOOR_TUNED, FLOOR_STOCK, OURS)
        }
        rows = [
            Row(FLOOR, callers[FLOOR_TUNED], calls.both, _is_static),
            Row(NO_PUMP, callers[OURS], calls.no_pump, _has_no_cards),
            Row(PUMP, callers[OURS], calls.pump, _has_cards),
            Row(STOCK, callers[FLOOR_STOCK], calls.both, _is_static),
        ]
        for row in rows:
            _ask_times(row.caller, row.requests, WARM_UP)
        for number in range(ROUNDS):
            turn = number % len(rows)
            for row in rows[turn:] + rows[:turn]:
                row.timings.append(row.caller.spell(row.requests, row.is_right, seconds))
        memory = {command: caller.server.memory() for command, caller in callers.items()}
    return {row.name: row for row in rows}, memory


def _print_setting(seconds: float) -> None:
    load = os.getloadavg()[0]
    counts = ", ".join(f"{count} {kind}" for kind, count in hook_bodies.COUNTS.items())
    print(
        f"Body: {hook_bodies.BYTES:,} bytes, {sum(hook_bodies.COUNTS.values())} resources "
        f"({counts}), ten prefetch keys.\n"
        f"Load: one connection, closed loop, {ROUNDS} interleaved rounds of {seconds:g} s a row; "
        "one process a server; medians over rounds.\n"
        "Ours: `python -m cds_service serve` with a store in a folder. Static answer: json.loads "
        "and jsonify of Flask, one fixed card,\n"
        "  (a) behind the server of ours (cds_service.app.server.make_server) with a frozen heap, "
        "(a') waitress with\n"
        "  its own settings and 8 threads. The targets are measured against (a).\n"
        f"Machine: {os.cpu_count()} cores, load {load:.1f} before the run, "
        f"Python {platform.python_version()}. On a shared machine trust the ratios.\n",
        flush=True,
    )


def _print_rows(rows: dict[str, Row]) -> None:
    print(
        f"{'answer':<41}{'CPU ms':>7}{'of (a)':>8}{'rounds':>13}{'of (a`)':>8}"
        f"{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}{'req/s':>7}".replace("`", "'")
    )
    for row in rows.values():
        ratios = row.ratios(rows[FLOOR])
        print(
            f"{row.name:<41}{row.cpu_ms():>7.3f}{median(ratios):>7.2f}x"
            f"{f'{min(ratios):.2f}-{max(ratios):.2f}':>13}"
            f"{median(row.ratios(rows[STOCK])):>7.2f}x"
            f"{row.latency(0.50):>8.2f}{row.latency(0.95):>8.2f}{row.latency(0.99):>8.2f}"
            f"{row.throughput():>7.0f}"
        )


def _print_processes(
    starts: dict[Command, list[float]],
    growth: tuple[Memory, Memory],
    memory: dict[Command, Memory],
) -> None:
    print(f"\n{'process':<41}{'first answer s':>15}{'slowest':>9}{'RSS MB':>8}{'PSS MB':>8}")
    for name, command in (("ours", OURS), ("static Flask, waitress defaults", FLOOR_STOCK)):
        print(
            f"{name:<41}{median(starts[command]):>15.2f}{max(starts[command]):>9.2f}"
            f"{memory[command].rss:>8.1f}{memory[command].pss:>8.1f}"
        )
    warm, later = growth
    print(
        f"Start: median and slowest of {STARTS}. Memory: after the rounds. Growth of ours over "
        f"{GROWTH_REQUESTS} requests, half of them with cards:\n"
        f"  RSS {warm.rss:.1f} -> {later.rss:.1f} MB ({later.rss - warm.rss:+.1f}), "
        f"PSS {warm.pss:.1f} -> {later.pss:.1f} MB ({later.pss - warm.pss:+.1f})"
    )


def _print_targets(rows: dict[str, Row], starts: list[float], megabytes: float) -> None:
    print("\ntarget")
    for name, most in MOST_CPU.items():
        found = median(rows[name].ratios(rows[FLOOR]))
        _print_target(f"CPU {name} <= {most:.2f}x of (a)", f"{found:.2f}x", found <= most)
    found = median(starts)
    is_met = found <= MOST_SECONDS_TO_START
    _print_target(f"start to first answer <= {MOST_SECONDS_TO_START:g} s", f"{found:.2f} s", is_met)
    is_met = megabytes <= MOST_MEGABYTES
    _print_target(f"memory (RSS) <= {MOST_MEGABYTES:g} MB", f"{megabytes:.1f} MB", is_met)


def _print_target(target: str, found: str, is_met: bool) -> None:
    print(f"  {target:<56}{found:>10}   {'met' if is_met else 'NOT met'}")


if __name__ == "__main__":
    sys.exit(main())
