"""The demo clinic as `make demo` starts it, for a browser."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
DAY = "2026-11-22"


@contextmanager
def a_clinic(port: int) -> Iterator[str]:
    """A clinic of its own, its worklist filled; its address."""
    started = subprocess.Popen(
        [sys.executable, "-m", "cds_service", "demo", "--port", str(port), "--as-of", DAY],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _await_patients(address)
        yield address
    finally:
        started.terminate()
        started.wait(20)


def be(page: Page, clinic: str, role: str) -> None:
    """Looks at the clinic as another of the demo's people."""
    page.goto(f"{clinic}/demo/patients/demo-001")
    page.goto(f"{clinic}/worklist/help")
    token = page.get_attribute("input[name=csrf_token]", "value")
    page.request.post(f"{clinic}/demo/person", form={"csrf_token": str(token), "role": role})


def _await_patients(address: str) -> None:
    ends_at = time.monotonic() + 60
    while time.monotonic() < ends_at:
        try:
            if "All 23 patients were read" in requests.get(f"{address}/worklist", timeout=5).text:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    pytest.fail("the demo clinic did not fill its worklist in a minute")
