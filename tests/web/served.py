"""An application behind the real server, on a free port of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import requests
from flask import Flask

from cds_service.app.server import make_server


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[str]:
    """The address at which the application answers while the block runs; port 0: a free one."""
    server = make_server(app, "127.0.0.1", port)
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # Another thread's pull may have run it, and closed the trigger, before this one pulls.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: _close(server))
        thread.join(timeout=10)
        server.task_dispatcher.shutdown()


def _close(server) -> None:
    for connection in list(server._map.values()):
        connection.close()


class Caller:
    """Sends requests to one address without proxies of the environment."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str, **options) -> requests.Response:
        """GET."""
        return self.session.get(self.address + path, timeout=10, **options)

    def post(
        self, body: bytes, path: str = "/cds-services/itb-patient-view", **headers: str
    ) -> requests.Response:
        """POST; `Content_Type` stands for the header Content-Type."""
        sent = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.session.post(self.address + path, data=body, headers=sent, timeout=30)
