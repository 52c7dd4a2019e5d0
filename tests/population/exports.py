"""Exports of the demo clinic, as a Bulk Data server would write them."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from tests.population.clinics import DEMO

Json = dict[str, Any]


def demo_resources(patients: Iterable[str]) -> list[Json]:
    """All resources of these demo patients; what no server would send is left out."""
    found = []
    for patient_id in patients:
        for sent in DEMO.chart(patient_id).values():
            assert isinstance(sent, Raw)
            value = msgspec.json.decode(sent)
            is_bundle = value["resourceType"] == "Bundle"
            found += [e["resource"] for e in value.get("entry", [])] if is_bundle else [value]
    return [each for each in found if each.get("id")]


KINDS = (
    *("Patient", "Device", "MedicationAdministration", "Medication", "Procedure", "Observation"),
    *("Condition", "MedicationRequest", "Appointment", "ServiceRequest", "CarePlan"),
)


def write_export(folder: Path, resources: Iterable[Json], *, zipped: tuple[str, ...] = ()) -> None:
    """One file a kind, empty where there is nothing of it."""
    by_kind: dict[str, list[Json]] = {kind: [] for kind in KINDS}
    for each in resources:
        by_kind[each["resourceType"]].append(each)
    for kind, found in by_kind.items():
        text = "".join(json.dumps(each) + "\n" for each in found).encode()
        if kind in zipped:
            (folder / f"{kind}.ndjson.gz").write_bytes(gzip.compress(text))
        else:
            (folder / f"{kind}.ndjson").write_bytes(text)


def append(folder: Path, kind: str, *lines: bytes) -> None:
    """Lines at the end of a file."""
    with (folder / f"{kind}.ndjson").open("ab") as file:
        file.writelines(line + b"\n" for line in lines)
