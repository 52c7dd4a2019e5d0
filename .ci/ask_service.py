"""Asks a freshly started service for its health, its discovery and one hook's cards."""

import json
import sys
import time
import urllib.request
from typing import Any

NO_ENTRIES = {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": []}
PATIENT_WITHOUT_A_PUMP = {
    "hook": "patient-view",
    "hookInstance": "7c8d3c1e-4f0b-4d5e-9a57-0d1f6a2b3c4d",
    "context": {"userId": "Practitioner/1", "patientId": "1"},
    "prefetch": {
        "patient": {"resourceType": "Patient", "id": "1"},
        "devices": NO_ENTRIES,
        "medicationAdministrations": NO_ENTRIES,
        "procedures": NO_ENTRIES,
    },
}


def answer(url: str, body: object = None) -> tuple[int, bytes]:
    """The status and body of a GET, or of a POST of `body` as JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.status, response.read()


def wait_until_live(base: str, seconds: float) -> None:
    """Returns once /health/live answers 200; TimeoutError when it does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if answer(f"{base}/health/live")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"/health/live did not answer 200 within {seconds:.0f} s")


def main(base: str) -> None:
    """Fails with a message unless every answer is as it should be."""
    started = time.monotonic()
    wait_until_live(base, seconds=20)
    print(f"live after {time.monotonic() - started:.1f} s")
    services: list[dict[str, Any]] = json.loads(answer(f"{base}/cds-services")[1])["services"]
    ids = [service["id"] for service in services]
    if "itb-patient-view" not in ids:
        sys.exit(f"discovery offers {ids}, expected itb-patient-view among them")
    cards = json.loads(answer(f"{base}/cds-services/itb-patient-view", PATIENT_WITHOUT_A_PUMP)[1])
    if cards != {"cards": []}:
        sys.exit(f"a patient without a pump was answered with {cards}, expected no cards")


if __name__ == "__main__":
    main(sys.argv[1])
