"""Orders that matter to a pump: MRI, removal of the pump, and what only looks like them.

No code of an MRI was verified, so the words decide; a site adds its own codes to the value set
`mri-scans`, whose display is read here.
"""

import re

from cds_service.fhir.terminology.events import EVENT_CODES
from cds_service.fhir.terminology.operations import (
    CATHETER_INSERTIONS,
    MEDIUM_INSERTIONS,
    MEDIUM_PROCEDURES,
    MEDIUM_REMOVALS,
    PUMP_INSERTIONS,
    PUMP_REMOVALS,
    PUMP_REPLACEMENTS,
    REFILL_PROCEDURES,
    REVISIONS,
    surgery_in_words,
)
from cds_service.fhir.terminology.scans import names_mri
from cds_service.fhir.terminology.systems import Code
from cds_service.fhir.terminology.visits import visit_in_words
from cds_service.therapy.record import SurgeryKind

_LABORATORY = re.compile(r"laborator|\blab\b", re.I)
_PUTS_IN = PUMP_INSERTIONS | MEDIUM_INSERTIONS | PUMP_REPLACEMENTS | CATHETER_INSERTIONS | REVISIONS

_KNOWN = (
    _PUTS_IN
    | PUMP_REMOVALS
    | MEDIUM_REMOVALS
    | REFILL_PROCEDURES
    | MEDIUM_PROCEDURES
    | EVENT_CODES.keys()
)


def orders_mri(text: str) -> bool:
    """True when an order's words ask for an MRI; a check of the pump after one is none."""
    return names_mri(text) and visit_in_words(text) is None


def may_be_mri(coded: frozenset[Code], told: str, category: str) -> bool:
    """True for an order of which only a code is given, and one that is not known here.

    Laboratory tests, where the category says so, are none.
    """
    if told or not _KNOWN.isdisjoint(coded):
        return False
    return _LABORATORY.search(category) is None


def orders_removal(coded: frozenset[Code], text: str) -> bool:
    """True for an order to take the pump out, by code or by words, and not to put one in."""
    if not _PUTS_IN.isdisjoint(coded):
        return False
    if not (PUMP_REMOVALS | MEDIUM_REMOVALS).isdisjoint(coded):
        return True
    return surgery_in_words(text) is SurgeryKind.EXPLANT


def orders_new_pump(coded: frozenset[Code], text: str) -> bool:
    """True for an order to implant or replace a pump."""
    if not (PUMP_INSERTIONS | MEDIUM_INSERTIONS | PUMP_REPLACEMENTS).isdisjoint(coded):
        return True
    return surgery_in_words(text) in (SurgeryKind.IMPLANT, SurgeryKind.REPLACEMENT)
