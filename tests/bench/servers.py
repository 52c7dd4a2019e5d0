"""Servers under measurement: started as processes of their own, watched from outside (Linux)."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
_PATIENCE_SECONDS = 20.0

Command = tuple[str, ...]
OURS: Command = ("-m", "cds_service", "serve", "--no-client-authentication")
"""With a store of its own in a folder, as a site runs it."""

FLOOR_TUNED: Command = ("-m", "tests.bench.static_floor", "tuned")
FLOOR_STOCK: Command = ("-m", "tests.bench.static_floor", "stock")


class CouldNotMeasureError(Exception):
    """A server did not start, died or answered something else than it should."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes (10^6 bytes) of one process; `pss` divides shared pages among their users."""

    rss: float
    pss: float


@dataclass
class Server:
    """One process that listens on a free port; `started` is when it was asked to start."""

    command: Command
    port: int = field(init=False)
    started: float = field(init=False)
    _process: subprocess.Popen = field(init=False)
    _log: IO[Any] = field(init=False)
    _folder: tempfile.TemporaryDirectory[str] = field(init=False)

    def __enter__(self) -> "Server":
        self.port = _free_port()
        # A log that is written, as in production, and can be shown when the start fails.
        self._log = tempfile.TemporaryFile()
        self._folder = tempfile.TemporaryDirectory()
        arguments = self._arguments()
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, *self.command, *arguments],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if not k.startswith(("ITB_", "PYTHON"))},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()
        self._folder.cleanup()

    def _arguments(self) -> list[str]:
        if self.command != OURS:
            return [str(self.port)]
        site = Path(self._folder.name) / "site.toml"
        site.write_text('[store]\nfolder = "store"\n')
        return ["--config", str(site), "--port", str(self.port)]

    def connected(self) -> socket.socket:
        """A connection, as soon as the server accepts one."""
        while time.perf_counter() - self.started < _PATIENCE_SECONDS:
            if self._process.poll() is not None:
                raise CouldNotMeasureError(f"{self._name} ended while starting.\n{self._said()}")
            try:
                connection = socket.create_connection((HOST, self.port), timeout=10)
            except ConnectionRefusedError:
                time.sleep(0.002)
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        raise CouldNotMeasureError(f"{self._name} did not listen in time.\n{self._said()}")

    def cpu_seconds(self) -> float:
        """Processor time of all threads so far, user and system, in nanosecond steps."""
        # clock_getcpuclockid(3) of another process; /proc/<pid>/stat counts in steps of 10 ms only.
        return time.clock_gettime((~self._process.pid) << 3 | 2)

    def memory(self) -> Memory:
        """What the process holds now."""
        path = f"/proc/{self._process.pid}/smaps_rollup"
        kibibytes = {
            line.split(":")[0]: int(line.split()[1])
            for line in Path(path).read_text().splitlines()
            if line.startswith(("Rss:", "Pss:"))
        }
        return Memory(kibibytes["Rss"] * 1024 / 1e6, kibibytes["Pss"] * 1024 / 1e6)

    @property
    def _name(self) -> str:
        return " ".join(self.command)

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:]


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])
