"""Every code that the program reads stands in docs/codes.csv with a confidence that allows it."""

from collections.abc import Iterator
from typing import Any

import pytest

from cds_service import CANONICAL_BASE
from cds_service.app.plans import plan_resources, plans_folder
from cds_service.fhir.pump_readings import PUMP_READERS
from cds_service.fhir.terminology import findings
from cds_service.fhir.terminology.rejected import REJECTED
from cds_service.fhir.terminology.systems import PUMP_OBSERVATION
from cds_service.fhir.value_sets import VALUE_SETS
from cds_service.therapy.devices import MODELS
from cds_service.therapy.record import VisitKind
from cds_service.therapy.signs import Sign
from tests.docs.codes import CODES, codes_in_python, value_set_constants
from tests.docs.existing_tests import ROOT

READ = {"high", "medium"}
LEVELS = {*READ, "low", "not verified", "none", "REJECT", "DECOY"}
BY_CODE = {(row["system"], row["code"]): row for row in CODES if row["code"]}
DECOYS = frozenset(
    code for code, row in BY_CODE.items() if row["confidence"] in ("REJECT", "DECOY")
)
FORBIDDEN = frozenset(code for code, row in BY_CODE.items() if row["confidence"] not in READ)
STANDARD = ("http://terminology.hl7.org/", "http://hl7.org/fhir/", "http://unitsofmeasure.org")
SIGN_TABLES = {
    **findings.SIGN_CODES,
    **findings.SIGN_CODES_AT_SITE,
    **findings.SIGN_CODES_IF_SEVERE,
    **findings.SIGN_CODES_IF_WORSE,
}
KEPT_APART = {"devices.DECOY_DEVICES", "drugs.ORAL_BACLOFEN"}
"""Sets of codes that are recognised in order to be held out."""


def test_the_table_has_each_code_once_with_a_known_confidence():
    coded = [(row["system"], row["code"]) for row in CODES if row["code"]]
    assert len(coded) == len(set(coded)) > 250
    assert {row["confidence"] for row in CODES} <= LEVELS


@pytest.mark.parametrize("code", sorted(codes_in_python()), ids=lambda code: code[1])
def test_a_code_that_is_read_stands_in_the_table(code: tuple[str, str]):
    assert code in BY_CODE or _is_eleven_digits_of_one(code)


@pytest.mark.parametrize("name", sorted(value_set_constants()))
def test_no_value_set_holds_a_code_that_nobody_verified(name: str):
    held = value_set_constants()[name] & FORBIDDEN
    assert held == frozenset() or name in KEPT_APART


def test_codes_of_medium_confidence_stand_in_sets_that_say_so():
    """What they give is marked `code of medium confidence` wherever it is shown."""
    named = [codes for name, codes in value_set_constants().items() if "MEDIUM" in name]
    medium = {code for code, row in BY_CODE.items() if row["confidence"] == "medium"}
    assert medium & codes_in_python() <= frozenset().union(*named)


@pytest.mark.parametrize(
    "row", [row for row in CODES if row["confidence"] in READ], ids=lambda row: row["code"]
)
def test_a_verified_code_is_read_or_the_table_says_why_not(row: dict[str, str]):
    assert (row["system"], row["code"]) in codes_in_python() or row["unused"]


def test_every_code_to_be_held_out_is_refused_to_sites_too():
    devices_of_other_kinds = {code for code in DECOYS if code[0].startswith("urn:iso:std")}
    assert devices_of_other_kinds.isdisjoint(codes_in_python())
    assert frozenset(REJECTED) == DECOYS - devices_of_other_kinds


PUBLIC = sorted(name for name in value_set_constants() if "._" not in name)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_value_set_can_be_extended_by_a_site(name: str):
    """A site's code is read as a code of the set, or as one that means the same sign."""
    codes = value_set_constants()[name]
    meanings = {(found.meaning.system, found.meaning.code) for found in VALUE_SETS.values()}
    held = frozenset().union(*(found.codes for found in VALUE_SETS.values()))
    signs = {sign.value for code in codes & set(SIGN_TABLES) if (sign := SIGN_TABLES[code])}
    assert codes & (meanings | held) or (signs and signs <= set(VALUE_SETS)), (
        f"give {name} a row in cds_service/fhir/value_sets.py and in docs/codes.md"
    )


def test_whatever_is_emitted_is_our_own_or_of_high_confidence():
    emitted = {
        code
        for code in _codings(plan_resources(plans_folder()))
        if not code[0].startswith((CANONICAL_BASE, *STANDARD))
    }
    assert [code for code in emitted if BY_CODE[code]["confidence"] != "high"] == []


def _codings(part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, list | tuple):
        for each in part:
            yield from _codings(each)
    elif isinstance(part, dict):
        if isinstance(part.get("system"), str) and isinstance(part.get("code"), str):
            yield part["system"], part["code"]
        for each in part.values():
            yield from _codings(each)


def _is_eleven_digits_of_one(code: tuple[str, str]) -> bool:
    """A product code without hyphens, its parts filled up with zeros to 5, 4 and 2 digits."""
    system, digits = code
    known = [other.split("-") for name, other in BY_CODE if name == system]
    return digits in {f"{first:0>5}{second:0>4}{third:0>2}" for first, second, third in known}


def test_the_document_names_every_value_set_of_medical_codes():
    told = (ROOT / "docs" / "codes.md").read_text()
    generated = ("pump-model-", "alarm-")
    signs = {sign.value for sign in Sign if (PUMP_OBSERVATION, sign.value) in SIGN_TABLES}
    ours = {*signs, *(kind.value for kind in VisitKind), *PUMP_READERS}
    names = [name for name in VALUE_SETS if name not in ours and not name.startswith(generated)]
    assert [name for name in names if f"`{name}`" not in told] == []
    assert [number for number in MODELS if f"`{number}`" not in told] == []
