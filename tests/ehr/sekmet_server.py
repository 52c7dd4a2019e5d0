"""sekmet-fhir, a FHIR server written by others, as a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

START_SECONDS = 30
TOKEN = "sekmet-secret"  # noqa: S105


class SekmetServer:
    """Its address, and how records get into it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {TOKEN}"

    def keep(self, resources: Iterable[dict[str, Any]]) -> None:
        """Stores resources under their own ids."""
        entries = [
            {
                "resource": each,
                "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"},
            }
            for each in resources
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        answer = self._session.post(
            self.address,
            data=json.dumps(bundle),
            headers={"Content-Type": "application/fhir+json"},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text[:2000]


@contextmanager
def sekmet_server(
    folder: Path, smart_clients: list[dict[str, Any]] | None = None
) -> Iterator[SekmetServer]:
    """The server on a free port of this machine, empty, its simulator off.

    `smart_clients` may get tokens by their keys, as SMART Backend Services.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # It reads YAML, of which JSON is a part.
    settings = {
        "base_url": f"http://127.0.0.1:{port}/fhir",
        "host": "127.0.0.1",
        "port": port,
        "data_dir": str(folder / "sekmet"),
        "simulator": {"enabled": False},
        "log_inbound": False,
        "server_auth": {
            "types": ["bearer", "smart"],
            "tokens": [TOKEN],
            "smart_clients": smart_clients or [],
        },
    }
    file = folder / "sekmet.yaml"
    file.write_text(json.dumps(settings))
    with (
        (folder / "sekmet.log").open("wb") as log,
        subprocess.Popen(
            [str(Path(sys.executable).with_name("sekmet")), "serve", "-c", str(file)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"SEKMET_DB": str(folder / "sekmet.db")},
            start_new_session=True,
        ) as process,
    ):
        try:
            server = SekmetServer(str(settings["base_url"]))
            _wait_until_ready(server, process, folder / "sekmet.log")
            yield server
        finally:
            process.terminate()


def _wait_until_ready(server: SekmetServer, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            if server._session.get(f"{server.address}/metadata", timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(f"sekmet did not start: {log.read_text()[-2000:]}")
