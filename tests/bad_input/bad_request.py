"""A request with something wrong in it, as it stands in its folder.

`expectation.json` says what is `wrong`, what the call is (POST of `request.json` to the hook, but
for what it states), and which answers keep the rule: a refusal with an OperationOutcome, or cards
that say what could not be checked. Bodies too large or too deep to commit are made from a recipe.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
HOOK = "/cds-services/itb-patient-view"
PATIENT_ID = "canary-pat-7731"
CANARIES = (
    "MRN-CANARY-4242",
    "Canaryfamily",
    "Canarygiven",
    "Canarystreet",
    "canary-note",
    "1981-01-31",
    "other-canary-9",
)
"""Of the patients in these requests; none may be logged, refused aloud or shown on a card."""


@dataclass(frozen=True, slots=True)
class BadRequest:
    """One call and the answers that are right."""

    id: str
    body: bytes
    expectation: dict[str, Any]

    @property
    def call(self) -> dict[str, Any]:
        """Method, path and headers."""
        headers = {"Content-Type": "application/json", **self.expectation.get("headers", {})}
        return {
            "method": self.expectation.get("method", "POST"),
            "path": self.expectation.get("path", HOOK),
            "headers": {name: value for name, value in headers.items() if value is not None},
        }

    def accepts(self, topics: list[str]) -> bool:
        """True when these cards, in any order, are the ones expected."""
        expected = self.expectation
        extra = set(expected.get("alsoAllowed", ()))
        wanted = expected.get("topicsOneOf") or [expected.get("topics", [])]
        needed = [topic for topic in topics if topic not in extra]
        return sorted(needed) in [sorted(one) for one in wanted] or sorted(topics) in [
            sorted(one) for one in wanted
        ]


def bad_requests() -> list[BadRequest]:
    """Every case, by name."""
    return [_read(path.parent) for path in sorted(FOLDER.glob("*/expectation.json"))]


def _read(folder: Path) -> BadRequest:
    expectation = json.loads((folder / "expectation.json").read_text())
    path = folder / "request.json"
    text = path.read_text() if path.exists() else ""
    return BadRequest(folder.name, _body(text, expectation), expectation)


def _body(text: str, recipe: dict[str, Any]) -> bytes:
    if "depth" in recipe:
        text = text.replace('"@DEEP@"', "[" * recipe["depth"] + "]" * recipe["depth"])
    body = text.encode(recipe.get("encoding", "utf-8"))
    if "bytesInText" in recipe:
        body = body.replace(b"@BYTES@", bytes.fromhex(recipe["bytesInText"]))
    if "padToBytes" in recipe:
        body = _padded(json.loads(body), recipe["padToBytes"])
    body = bytes.fromhex(recipe.get("prefixBytes", "")) + body
    return gzip.compress(body) if recipe.get("gzip") else body


def _padded(request: dict[str, Any], size: int) -> bytes:
    """The request with so many laboratory results of the patient that it has at least that size."""
    bundle = request["prefetch"]["observations"]
    glucose = {
        "resourceType": "Observation",
        "id": "glucose",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2339-0"}]},
        "subject": {"reference": f"Patient/{PATIENT_ID}"},
        "effectiveDateTime": "2026-03-01",
        "valueQuantity": {"value": 91.4, "unit": "mg/dL", "code": "mg/dL"},
        "note": [{"text": "canary-note: fasting"}],
    }
    count = size // (len(json.dumps({"resource": glucose})) + 2) + 1
    entries = [*bundle.get("entry", ()), *([{"resource": glucose}] * count)]
    request["prefetch"]["observations"] = {**bundle, "total": len(entries), "entry": entries}
    return json.dumps(request).encode()
