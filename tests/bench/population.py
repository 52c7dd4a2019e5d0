"""How long it takes to read a whole clinic, and how much memory; each in a process of its own.

    python -m tests.bench.population               5,000 pump patients; 100,000 exported
    python -m tests.bench.population 500 10000     fewer

Exit status 0 when it could measure.
"""

import json
import resource
import subprocess
import sys
import time
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from cds_service.demo_clinic.roster import PATIENTS
from cds_service.population.exported_patients import ExportedPatients
from cds_service.population.refresh import Manner, refresh
from cds_service.settings import PopulationSettings
from cds_service.store.open_store import open_store
from tests.population.clinics import NOW, RULEBOOK, Clinic
from tests.population.exports import KINDS, demo_resources

ROOT = Path(__file__).parents[2]
PUMPS_IN_A_THOUSAND = 3
OBSERVATIONS = 20


def refreshed(number: int) -> None:
    """Reads so many patients into a store on disk, and prints the seconds."""
    clinic = Clinic(*(f"patient-{each}" for each in range(number)))
    with TemporaryDirectory() as folder:
        store = open_store(Path(folder), lambda: NOW)
        for hour in range(2):
            began = time.monotonic()
            at = NOW + timedelta(hours=hour)
            done = refresh(clinic, store, RULEBOOK, partial(_same, at), Manner())
            told(f"refresh {hour + 1} of {done.good} patients", began)


def _same(at: datetime) -> datetime:
    return at


def exported(number: int) -> None:
    """Finds the pump patients in an export of so many patients, and prints the seconds."""
    with TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", __spec__.name, "write", folder, str(number)],
            check=True,
            cwd=ROOT,
        )
        size = sum(each.stat().st_size for each in Path(folder).iterdir()) / 1e6
        site = PopulationSettings(name="North", source="ndjson", folder=Path(folder))
        source = ExportedPatients(site, {}, lambda _: None)
        began = time.monotonic()
        found = len(source.cohort())
        told(f"{found} pump patients found in {number} ({size:.0f} MB)", began)


def write(folder: Path, number: int) -> None:
    """An export in which three of a thousand have a pump, and everybody twenty observations."""
    pump = demo_resources([next(iter(PATIENTS))])
    files = {kind: (folder / f"{kind}.ndjson").open("w") for kind in KINDS}
    for each in range(number):
        patient = {"reference": f"Patient/p{each}"}
        if each % 1000 < PUMPS_IN_A_THOUSAND:
            for found in pump:
                text = json.dumps(found).replace(next(iter(PATIENTS)), f"p{each}")
                files[found["resourceType"]].write(text + "\n")
            continue
        files["Patient"].write(
            json.dumps({"resourceType": "Patient", "id": f"p{each}", "birthDate": "1980-01-01"})
            + "\n"
        )
        for index in range(OBSERVATIONS):
            observation = {
                "resourceType": "Observation",
                "id": f"o{each}-{index}",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
                "subject": patient,
                "effectiveDateTime": "2026-11-20T08:00:00Z",
                "valueQuantity": {
                    "value": 72,
                    "unit": "/min",
                    "system": "http://unitsofmeasure.org",
                },
                "note": [{"text": "x" * 300}],
            }
            files["Observation"].write(json.dumps(observation) + "\n")
        device = {"resourceType": "Device", "id": f"d{each}", "patient": patient}
        files["Device"].write(json.dumps(device | {"type": {"text": "Wheelchair"}}) + "\n")
        procedure = {"resourceType": "Procedure", "id": f"pr{each}", "subject": patient}
        files["Procedure"].write(json.dumps(procedure | {"code": {"text": "Appendectomy"}}) + "\n")
    for file in files.values():
        file.close()


def told(what: str, began: float) -> None:
    """Prints what was measured, with the most memory the process ever used."""
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what}: {time.monotonic() - began:.1f} s, {megabytes:.0f} MB")


def main() -> None:
    match sys.argv[1:]:
        case ["refresh", number]:
            refreshed(int(number))
        case ["export", number]:
            exported(int(number))
        case ["write", folder, number]:
            write(Path(folder), int(number))
        case given:
            patients, people = given or ("5000", "100000")
            for act, number in (("refresh", patients), ("export", people)):
                subprocess.run(
                    [sys.executable, "-m", __spec__.name, act, number], check=True, cwd=ROOT
                )


if __name__ == "__main__":
    main()
