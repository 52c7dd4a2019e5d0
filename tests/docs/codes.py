"""The table of codes in docs/codes.csv, and the codes that the program reads."""

import importlib
import pkgutil
from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.fhir import terminology
from cds_service.fhir.terminology.systems import Code
from tests.docs.tables import rows_of

_COLUMNS = ["concept", "system", "code", "display", "confidence", "note", "verified_in", "unused"]
CODES = rows_of("codes.csv", _COLUMNS)


def value_set_constants() -> dict[str, frozenset[Code]]:
    """Every set of codes, and every table keyed by codes, of the terminology modules."""
    found = {}
    for module in pkgutil.iter_modules(terminology.__path__):
        if module.name == "rejected":
            continue
        loaded = importlib.import_module(f"{terminology.__name__}.{module.name}")
        for name, value in vars(loaded).items():
            if name.isupper() and _holds_codes(value):
                found[f"{module.name}.{name}"] = frozenset(value)
    return found


def codes_in_python() -> frozenset[Code]:
    """All codes that are read, our own code systems left out."""
    read = frozenset().union(*value_set_constants().values())
    return frozenset(code for code in read if not code[0].startswith(CANONICAL_BASE))


def _holds_codes(value: Any) -> bool:
    if not isinstance(value, frozenset | dict) or not value:
        return False
    return all(
        isinstance(key, tuple) and len(key) == 2 and all(isinstance(part, str) for part in key)
        for key in value
    )
