"""Where the time goes inside the product: the pure part of an answer, in this process."""

import cProfile
import json
import pstats
import time
from collections.abc import Callable

from cds_service.app.wiring import wire
from cds_service.assessment import Occasion, assess
from cds_service.cds_hooks.cards import CardContext, cards, response_body
from cds_service.cds_hooks.request import read_request
from cds_service.settings import Settings
from cds_service.web import Service

_REPEATS = 300
_BATCHES = 5
_FUNCTIONS = 25


def print_stages(name: str, body: bytes) -> None:
    """Prints the milliseconds of each step, then the functions in which most time is spent."""
    service = wire(Settings())
    hook = read_request(body, "patient-view")
    now = service.clock()

    def assessed():
        return assess(hook.patient_id, hook.prefetch, service.rulebook, now, Occasion(hook.hook))

    found = assessed()
    call = CardContext(hook.hook_instance, hook.patient_id, "itb-patient-view", "http://x", now)
    steps: dict[str, Callable[[], object]] = {
        "json.loads, for comparison": lambda: json.loads(body),
        "read_request": lambda: read_request(body, "patient-view"),
        "assess": assessed,
        "cards": lambda: response_body(cards(found.evaluation, found.findings.facts, call)),
    }
    print(f"\n{name}: CPU ms a call, in process, best of {_BATCHES} batches")
    for step, run in steps.items():
        print(f"  {step:<28}{_milliseconds(run):8.3f}")
    print(f"\n{name}: cProfile of {_REPEATS} whole answers (the profiler slows small calls most)")
    _print_profile(service, body)


def _milliseconds(run: Callable[[], object]) -> float:
    batches = []
    for _ in range(_BATCHES):
        began = time.process_time()
        for _ in range(_REPEATS // _BATCHES):
            run()
        batches.append((time.process_time() - began) * 1000 / (_REPEATS // _BATCHES))
    return min(batches)


def _print_profile(service: Service, body: bytes) -> None:
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(_REPEATS):
        hook = read_request(body, "patient-view")
        now = service.clock()
        found = assess(hook.patient_id, hook.prefetch, service.rulebook, now, Occasion(hook.hook))
        call = CardContext(hook.hook_instance, hook.patient_id, "itb-patient-view", "http://x", now)
        response_body(cards(found.evaluation, found.findings.facts, call))
    profiler.disable()
    statistics = pstats.Stats(profiler).strip_dirs()
    statistics.sort_stats("cumulative").print_stats(_FUNCTIONS)
    statistics.sort_stats("tottime").print_stats(_FUNCTIONS)
