"""House rules that no linter knows: sizes, words, who may call a clock, which FHIR models."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "cds_service"
SOURCES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 40

WORDS_THAT_NAME_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "managers"}
PURE_ROOMS = {"assessment", "cds_hooks", "coordination", "fhir", "guidance", "therapy", "errors"}
WALL_CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv"}
IMPURE_CALLS = {"open", "input", "print", "uuid.uuid1", "uuid4", "uuid.uuid4", "urlopen"}


def room_of(path: Path) -> str:
    """The room a file stands in: the name below cds_service, without .py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def calls_in(source: str) -> Iterator[tuple[int, str]]:
    """Each call's line and its last two dotted names, `datetime.now` for `dt.datetime.now()`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield node.lineno, ".".join(ast.unparse(node.func).split(".")[-2:])


def clock_and_chance_in(source: str, room: str) -> list[str]:
    """The calls of a clock or of the outside world that the room may not make."""
    banned = set() if room == "app" else WALL_CLOCK
    if room in PURE_ROOMS:
        banned = banned | IMPURE_CALLS
    return [f"line {line}: {name}" for line, name in calls_in(source) if name in banned]


def environment_in(source: str, room: str) -> list[str]:
    """Where a room other than settings reads the environment of the process."""
    if room == "settings":
        return []
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT:
            found.append(f"line {node.lineno}: {node.attr}")
        if isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names if alias.name in ENVIRONMENT]
            found += [f"line {node.lineno}: {name}" for name in names]
    return found


def long_functions_in(source: str) -> list[str]:
    """The functions with more lines than the house allows, decorators not counted."""
    functions = [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [
        f"{name}: {lines} lines" for name, lines in functions if lines > MOST_LINES_OF_A_FUNCTION
    ]


def r5_imports_in(source: str) -> list[str]:
    """Imports from fhir.resources that are not of its R4B subpackage."""
    imported = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported += [f"{node.module}.{alias.name}" for alias in node.names]
    return [
        name
        for name in imported
        if f"{name}.".startswith("fhir.resources.")
        and not f"{name}.".startswith("fhir.resources.R4B.")
    ]


def as_id(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


every_source = pytest.mark.parametrize("path", SOURCES, ids=as_id)


def test_the_package_has_sources_to_check():
    assert SOURCES


@every_source
def test_a_file_is_no_longer_than_400_lines(path: Path):
    assert len(path.read_text().splitlines()) <= MOST_LINES_OF_A_FILE


@every_source
def test_a_function_is_no_longer_than_40_lines(path: Path):
    assert long_functions_in(path.read_text()) == []


@every_source
def test_a_module_is_named_after_something_in_the_field(path: Path):
    names = [name.removesuffix(".py") for name in path.relative_to(PACKAGE).parts]
    words = {word for name in names for word in name.split("_")}
    assert not words & WORDS_THAT_NAME_NOTHING
    assert "base" not in names


@every_source
def test_only_app_reads_the_clock_and_pure_rooms_touch_nothing_outside(path: Path):
    assert clock_and_chance_in(path.read_text(), room_of(path)) == []


@every_source
def test_only_settings_reads_the_environment(path: Path):
    assert environment_in(path.read_text(), room_of(path)) == []


@pytest.mark.parametrize(
    ("source", "room", "is_caught"),
    [
        ("import os\nos.environ['HOME']", "app", True),
        ("import os as o\no.getenv('HOME')", "ehr", True),
        ("from os import environ", "cli", True),
        ("import os\nos.environ.get('HOME')", "settings", False),
        ("import os\nos.fsync(3)", "store", False),
    ],
)
def test_the_environment_rule_catches_what_it_should(source: str, room: str, is_caught: bool):
    assert bool(environment_in(source, room)) is is_caught


@every_source
def test_fhir_models_are_r4(path: Path):
    assert r5_imports_in(path.read_text()) == []


@pytest.mark.parametrize(
    ("source", "room", "is_caught"),
    [
        ("import datetime as dt\ndt.datetime.now(dt.UTC)", "therapy", True),
        ("from datetime import date\ndate.today()", "web", True),
        ("import time\ntime.time()", "cli", True),
        ("from datetime import datetime, UTC\ndatetime.now(UTC)", "app", False),
        ("import time\ntime.perf_counter()", "web", False),
        ("import uuid\nuuid.uuid4()", "cds_hooks", True),
        ("import uuid\nuuid.uuid5(space, 'name')", "cds_hooks", False),
        ("open('plan.json')", "guidance", True),
        ("open('plan.json')", "app", False),
        ("now = record.now", "therapy", False),
    ],
)
def test_the_clock_rule_catches_what_it_should(source: str, room: str, is_caught: bool):
    assert bool(clock_and_chance_in(source, room)) is is_caught


@pytest.mark.parametrize(
    ("source", "is_caught"),
    [
        ("from fhir.resources.patient import Patient", True),
        ("from fhir.resources import get_fhir_model_class", True),
        ("import fhir.resources", True),
        ("from fhir.resources import R4B", False),
        ("from fhir.resources.R4B.patient import Patient", False),
        ("from cds_service.fhir.resources import read", False),
    ],
)
def test_the_r4_rule_catches_what_it_should(source: str, is_caught: bool):
    assert bool(r5_imports_in(source)) is is_caught


def test_the_length_rule_catches_a_function_of_41_lines():
    assert long_functions_in("def forty():\n" + "    x = 1\n" * 39) == []
    assert long_functions_in("def forty_one():\n" + "    x = 1\n" * 40) != []
