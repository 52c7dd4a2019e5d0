"""The service as a process of its own, with its whole log: what operators would see."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import requests

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS, ANSWER_SECONDS = 30, 30


@dataclass(slots=True)
class RunningService:
    """Where it answers, and what it has written so far."""

    address: str
    session: requests.Session
    log: list[str] = field(default_factory=list)

    def send(
        self, body: bytes, method: str, path: str, headers: dict[str, str]
    ) -> requests.Response:
        """One call."""
        return self.session.request(
            method, self.address + path, data=body, headers=headers, timeout=ANSWER_SECONDS
        )


@contextmanager
def running_service(as_of: str) -> Iterator[RunningService]:
    """`itb-cds serve` on a free port of this machine, its clock fixed; ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "cds_service", "serve", "--port", port, "--as-of", as_of]
    command.append("--no-client-authentication")
    environment = {name: text for name, text in os.environ.items() if not name.startswith("ITB_")}
    started = Event()
    with (
        requests.Session() as session,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        session.trust_env = False
        service = RunningService(f"http://127.0.0.1:{port}", session)
        reader = Thread(target=_read_log, args=(process, service.log, started))
        reader.start()
        try:
            assert started.wait(START_SECONDS), f"the service did not start: {service.log}"
            yield service
        finally:
            process.terminate()
            reader.join(START_SECONDS)


def _read_log(process: subprocess.Popen[str], log: list[str], started: Event) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        log.append(line)
        if '"event":"serving"' in line:
            started.set()
