"""Asks a freshly started service for its health, its discovery and one hook's cards.

As a trusted client does: with a fresh token for each call.
"""

import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

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


def answer(url: str, body: object = None, key: ECKey | None = None) -> tuple[int, bytes]:
    """The status and body of a GET, or of a POST of `body` as JSON; signed when there is a key."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    if key is not None:
        request.add_header("Authorization", f"Bearer {token(url, key)}")
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.status, response.read()


def token(url: str, key: ECKey) -> str:
    """A token of the client for one call."""
    now = int(time.time())
    claims = {"iss": "https://ci.example.org", "aud": url, "iat": now, "exp": now + 300}
    header = {"alg": "ES384", "kid": "ci", "typ": "JWT"}
    return jwt.encode(header, {**claims, "jti": str(uuid4())}, key, algorithms=["ES384"])


def refuses_strangers(url: str) -> bool:
    """Whether a call without token is answered 401."""
    try:
        answer(url)
    except urllib.error.HTTPError as refusal:
        return refusal.code == 401
    return False


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


def main(base: str, private: Path) -> None:
    """Fails with a message unless every answer is as it should be."""
    started = time.monotonic()
    wait_until_live(base, seconds=20)
    print(f"live after {time.monotonic() - started:.1f} s")
    key = ECKey.import_key(json.loads(private.read_bytes()))
    discovery = f"{base}/cds-services"
    if not refuses_strangers(discovery):
        sys.exit("a call without a token was not answered 401")
    services: list[dict[str, Any]] = json.loads(answer(discovery, None, key)[1])["services"]
    ids = [service["id"] for service in services]
    if "itb-patient-view" not in ids:
        sys.exit(f"discovery offers {ids}, expected itb-patient-view among them")
    hook = f"{base}/cds-services/itb-patient-view"
    cards = json.loads(answer(hook, PATIENT_WITHOUT_A_PUMP, key)[1])
    if cards != {"cards": []}:
        sys.exit(f"a patient without a pump was answered with {cards}, expected no cards")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
