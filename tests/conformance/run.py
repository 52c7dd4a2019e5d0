"""`make conformance`: the HL7 validator over everything we publish and emit; 0 errors.

What must be found wrong and is not, a warning that nobody explained, and an explanation that no
warning needs any more, fail as an error does.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.conformance import package_use, profiles
from tests.conformance.specimens import Json, Specimen, definitions, specimens
from tests.conformance.tools import HERE, WORK, validator

_OUT = WORK / "specimens"
_DEFINITIONS = WORK / "definitions"
_MANIFEST = WORK / "manifest.tsv"
_REPORT = WORK / "report.tsv"
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_MOST_TOLD = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the validator's report."""

    file: str
    severity: str
    code: str
    place: str
    message: str

    def __str__(self) -> str:
        return f"{Path(self.file).stem}: {self.place}: {self.message} [{self.code}]"


def main() -> None:
    """Compiles, validates, compares; ends with the reason when something is wrong."""
    profiles.main(["--check"])
    package_use.check()
    looked_at = list(specimens())
    _write(looked_at)
    findings = _validate(len(looked_at))
    explained = tomllib.loads((HERE / "warnings.toml").read_text())["warning"]
    told = problems(looked_at, findings, explained)
    groups = Counter(found.name.split("/")[0] for found in looked_at)
    print(", ".join(f"{count} {group}" for group, count in groups.items()))
    for line in told[:_MOST_TOLD]:
        print(f"error: {line}", file=sys.stderr)
    if told:
        sys.exit(f"conformance: {len(told)} problems; the whole report is {_REPORT}")
    count = sum(found.severity == "WARNING" for found in findings)
    print(f"conformance: {len(looked_at)} resources, 0 errors, {count} warnings, all explained")


def problems(
    looked_at: Sequence[Specimen], findings: Sequence[Finding], explained: Sequence[Json]
) -> list[str]:
    """What is wrong: errors, violations not seen, warnings not explained, stale explanations."""
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_file[finding.file].append(finding)
    told: list[str] = []
    needed: set[str] = set()
    for specimen in looked_at:
        found = by_file[str(file_of(specimen))]
        if specimen.must_fail is not None:
            told += _not_seen(specimen, found)
            continue
        told += [str(each) for each in found if each.severity in ("ERROR", "FATAL")]
        for each in found:
            if each.severity == "WARNING":
                reasons = [why["says"] for why in explained if re.search(why["says"], each.message)]
                needed.update(reasons)
                told += [] if reasons else [f"warning nobody explained: {each}"]
    stale = [why["says"] for why in explained if why["says"] not in needed]
    return told + [f"warnings.toml: no warning says '{says}' any more" for says in stale]


def _not_seen(specimen: Specimen, found: Sequence[Finding]) -> list[str]:
    severity, says = specimen.must_fail or ("", "")
    levels = ("ERROR", "FATAL") if severity == "ERROR" else (severity,)
    if any(
        each.severity in levels and re.search(says, f"{each.message} {each.code}") for each in found
    ):
        return []
    seen = "; ".join(map(str, found)) or "nothing"
    return [f"{specimen.name}: the validator is blind to it: expected '{says}', found {seen}"]


def _write(looked_at: Sequence[Specimen]) -> None:
    for folder in (_OUT, _DEFINITIONS):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for resource in definitions():
        name = f"{resource['resourceType']}-{resource['id']}.json"
        (_DEFINITIONS / name).write_bytes(_ENCODER.encode(resource))
    for path in (HERE / "hl7").glob("*.json"):
        shutil.copy(path, _DEFINITIONS)
    lines = []
    for specimen in looked_at:
        file_of(specimen).write_bytes(_ENCODER.encode(specimen.resource))
        lines.append(f"{file_of(specimen)}\t{','.join(specimen.profiles)}\n")
    _MANIFEST.write_text("".join(lines))


def file_of(specimen: Specimen) -> Path:
    """Where the specimen is written for the validator."""
    return _OUT / f"{specimen.name.replace('/', '~')}.json"


def _validate(expected: int) -> list[Finding]:
    with _REPORT.open("w") as report:
        done = subprocess.run(
            [*validator(), str(_DEFINITIONS), str(_MANIFEST)], stdout=report, check=False
        )
    *lines, last = _REPORT.read_text().splitlines() or [""]
    if done.returncode or last != f"checked\t{expected}":
        sys.exit(f"error: the HL7 validator did not finish (see {_REPORT}); NOT checked.")
    return [Finding(*line.split("\t", 4)) for line in lines]


if __name__ == "__main__":
    main()
