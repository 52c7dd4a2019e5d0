"""What CDS Hooks 2.0 demands of an answer, as JSON Schema; tests check every answer with it."""

import json
from pathlib import Path
from typing import Any

import jsonschema

_FOLDER = Path(__file__).parent / "schema"


def _checker(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((_FOLDER / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


_DISCOVERY = _checker("discovery")
_RESPONSE = _checker("response")
_OUTCOME = _checker("operation_outcome")


def checked_discovery(body: bytes) -> dict[str, Any]:
    """The discovery document, once it keeps the schema."""
    return _checked(_DISCOVERY, body)


def checked_response(body: bytes) -> list[dict[str, Any]]:
    """The cards of a response, once it keeps the schema."""
    cards: list[dict[str, Any]] = _checked(_RESPONSE, body)["cards"]
    return cards


def checked_outcome(body: bytes) -> str:
    """The text of an OperationOutcome, once it keeps the schema."""
    text: str = _checked(_OUTCOME, body)["issue"][0]["details"]["text"]
    return text


def _checked(checker: jsonschema.Draft202012Validator, body: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(body)
    checker.validate(document)
    return document
