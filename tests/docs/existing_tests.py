"""Which tests exist, read from their sources: nothing is imported and nothing run."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_YET = "not yet: "

_NOT_RUN = ("skip", "skipif", "xfail")


def fault_of_proof(entry: str) -> str:
    """Why `entry` proves nothing, empty when it does or when it says honestly `not yet: ...`."""
    if entry.startswith("not yet"):
        is_said = entry.startswith(NOT_YET) and " " in entry.removeprefix(NOT_YET).strip()
        return "" if is_said else f"{entry!r} does not say what is missing"
    return fault_of_test(entry)


def fault_of_test(node_id: str, root: Path = ROOT) -> str:
    """Why no test has this pytest node id, empty when one has.

    What stands in [brackets] is a folder beside the file, or a text of the file.
    """
    name, _, function = node_id.partition("::")
    function, _, case = function.partition("[")
    path = root / name
    if not (path.name.startswith("test_") and path.suffix == ".py" and path.is_file()):
        return f"{node_id}: there is no test file {name!r}"
    found = _test_functions(path).get(function)
    if found is None:
        return f"{node_id}: {name} has no such test"
    marks = {mark for decorator in found.decorator_list for mark in _words(decorator)}
    if marks & set(_NOT_RUN):
        return f"{node_id}: that test is skipped or expected to fail, it proves nothing"
    if case and not _has_case(path, case.removesuffix("]"), marks):
        return f"{node_id}: that test has no such case"
    return ""


@cache
def _source(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _test_functions(path: Path) -> dict[str, ast.FunctionDef]:
    return {
        node.name: node
        for node in _source(path).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def _has_case(path: Path, case: str, marks: set[str]) -> bool:
    if "parametrize" not in marks:
        return False
    return (path.parent / case).is_dir() or case in _texts(path)


@cache
def _texts(path: Path) -> frozenset[str]:
    constants = (node for node in ast.walk(_source(path)) if isinstance(node, ast.Constant))
    return frozenset(node.value for node in constants if isinstance(node.value, str))


def _words(decorator: ast.expr) -> set[str]:
    """The names in a decorator: pytest, mark and parametrize of `@pytest.mark.parametrize(...)`.

    A decorator that is a name of the file is such a mark kept for several tests.
    """
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(named, ast.Name):
        return {"parametrize"}
    return {node.attr for node in ast.walk(named) if isinstance(node, ast.Attribute)}
