"""The import contracts hold, and each of them catches the import it is there for."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = SETTINGS["contracts"]
NAME_BY_ID = {contract["id"]: contract["name"] for contract in CONTRACTS}
PURE_ROOMS = ["assessment", "cds_hooks", "fhir", "guidance", "therapy"]
FORBIDDEN_TO_PURE_ROOMS = next(c["forbidden_modules"] for c in CONTRACTS if c["id"] == "pure-rooms")

# (contract, {file under cds_service: its whole text}); one violation each.
VIOLATIONS = {
    "a lower room imports a higher one": (
        "layers",
        {"therapy/planted.py": "import cds_service.guidance\n"},
    ),
    "rooms on one line import each other": (
        "layers",
        {
            "ehr/planted.py": "import cds_service.store\n",
        },
    ),
    "a room nobody declared": ("layers", {"planted/__init__.py": ""}),
    "a pure room reaches the environment through settings": (
        "pure-rooms",
        {
            "therapy/planted.py": "import cds_service.settings_planted\n",
            "settings_planted.py": "import os\n",
        },
    ),
    "a pure room not built yet": (
        "pure-rooms",
        {"coordination/__init__.py": "", "coordination/planted.py": "import logging\n"},
    ),
    "Flask outside web": ("flask-in-web", {"demo_clinic/planted.py": "import flask\n"}),
    "requests outside the edge": ("requests-at-the-edge", {"cli_planted.py": "import requests\n"}),
    "SQLAlchemy outside store": (
        "sqlalchemy-in-store",
        {"web/planted.py": "import sqlalchemy\n"},
    ),
    "two modules of a room import each other": (
        "no-cycles",
        {
            "therapy/planted_egg.py": "import cds_service.therapy.planted_hen\n",
            "therapy/planted_hen.py": "import cds_service.therapy.planted_egg\n",
        },
    ),
}
VIOLATIONS |= {
    f"{room} imports logging": ("pure-rooms", {f"{room}/planted.py": "import logging\n"})
    for room in PURE_ROOMS
}
VIOLATIONS |= {
    f"therapy imports {module}": ("pure-rooms", {"therapy/planted.py": f"import {module}\n"})
    for module in FORBIDDEN_TO_PURE_ROOMS
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the package and its contracts, to be spoilt."""
    shutil.copytree(
        ROOT / "cds_service",
        tmp_path / "cds_service",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(checkout: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-logo", "--no-cache", *options],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_package_keeps_every_contract(checkout: Path):
    result = lint_imports(checkout)

    assert result.returncode == 0, result.stdout + result.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in result.stdout


@pytest.mark.parametrize(("contract", "files"), VIOLATIONS.values(), ids=VIOLATIONS.keys())
def test_a_planted_violation_breaks_its_contract(
    checkout: Path, contract: str, files: dict[str, str]
):
    for path, text in files.items():
        planted = checkout / "cds_service" / path
        planted.parent.mkdir(exist_ok=True)
        planted.write_text(text)

    result = lint_imports(checkout, "--contract", contract)

    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{NAME_BY_ID[contract]} BROKEN" in result.stdout
    assert "planted" in result.stdout


def test_every_contract_has_a_planted_violation():
    assert {contract for contract, _ in VIOLATIONS.values()} == set(NAME_BY_ID)
