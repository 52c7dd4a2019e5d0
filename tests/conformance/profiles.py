"""Compiles the FHIR Shorthand of fhir_profiles/ with SUSHI.

`python -m tests.conformance.profiles` writes fhir_profiles/resources; with --check it compares
instead, and fails when the committed JSON is not what the source gives.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conformance.tools import HOME, ROOT, WORK, sushi

SOURCE = ROOT / "fhir_profiles"
COMMITTED = SOURCE / "resources"
_MADE = WORK / "fsh"


def compiled() -> dict[str, str]:
    """The resources the source gives, by file name; ends the check when SUSHI finds an error."""
    program = sushi()
    shutil.rmtree(_MADE, ignore_errors=True)
    done = subprocess.run(
        ["node", str(program), "build", "-s", str(SOURCE), "-o", str(_MADE)],
        env={**os.environ, "HOME": str(HOME)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not re.search(r"\b0 Errors +0 Warnings", done.stdout):
        sys.exit(
            f"{done.stdout}{done.stderr}\nerror: SUSHI finds errors or warnings in the source."
        )
    return _read(_MADE / "fsh-generated" / "resources")


def differences(made: dict[str, str], committed: dict[str, str]) -> list[str]:
    """Where source and committed JSON disagree, file by file."""
    return [
        *(f"{name}: the source gives it, it is not committed" for name in made.keys() - committed),
        *(f"{name}: committed, the source does not give it" for name in committed.keys() - made),
        *(
            f"{name}: committed JSON differs from what the source gives"
            for name in made.keys() & committed.keys()
            if made[name] != committed[name]
        ),
    ]


def main(arguments: list[str]) -> None:
    """Writes, or with --check compares."""
    made = compiled()
    if "--check" in arguments:
        told = differences(made, _read(COMMITTED))
        if told:
            sys.exit("\n".join(sorted(told)) + "\nRun `make profiles` and commit what it writes.")
        print(f"fhir_profiles: source and {len(made)} committed resources agree")
        return
    shutil.rmtree(COMMITTED, ignore_errors=True)
    COMMITTED.mkdir()
    for name, text in made.items():
        (COMMITTED / name).write_text(text)
    print(f"fhir_profiles: {len(made)} resources written")


def _read(folder: Path) -> dict[str, str]:
    return {
        path.name: path.read_text().rstrip("\n") + "\n" for path in sorted(folder.glob("*.json"))
    }


if __name__ == "__main__":
    main(sys.argv[1:])
