"""`itb-cds demo` tells people at the terminal what to open."""

import signal
import socket
import subprocess
import sys

import requests


def test_the_demo_prints_the_addresses_to_open_and_answers_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "cds_service", "demo", "--port", str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as demo:
        assert demo.stdout is not None
        told = [demo.stdout.readline(), demo.stdout.readline()]
        text = requests.get(f"http://127.0.0.1:{port}/", timeout=10).text
        demo.send_signal(signal.SIGTERM)

    assert told[0].startswith(f"Open http://127.0.0.1:{port}/ ")
    assert f"http://127.0.0.1:{port}/worklist" in told[1]
    assert 'href="/worklist"' in text
    assert 'href="/patients/demo-001"' in text
