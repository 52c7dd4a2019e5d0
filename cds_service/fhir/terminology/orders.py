"""Orders that matter to a pump: MRI, removal of the pump, and what only looks like them.

No code of an MRI was verified, so the words decide; a site adds its own codes to the value set
`mri-scans`, whose display is read here.
"""

import re

from cds_service.fhir.terminology.operations import (
    CATHETER_INSERTIONS,
    MEDIUM_INSERTIONS,
    MEDIUM_REMOVALS,
    PUMP_INSERTIONS,
    PUMP_REMOVALS,
    PUMP_REPLACEMENTS,
    REVISIONS,
    surgery_in_words,
)
from cds_service.fhir.terminology.systems import Code
from cds_service.fhir.terminology.visits import visit_in_words
from cds_service.therapy.record import SurgeryKind

_MRI = re.compile(
    r"\b(?:f?MRI|MRA|MRV|MRCP|MRT|IRM|RMN)\b|\bMR\b(?!\.)"
    r"|\b(?:cardiac|ANGIO|SPINE|BRAIN|HEAD)\s+MR\b"
    r"|magnetic resonance|nuclear magnetic|magnetresonan|magnetisk resonans|kernspin"
    r"|r[ée]sonance magn[ée]t|resonancia magn[ée]t|risonanza magn|resson[âa]ncia magn"
    r"|magneettikuva|magnetkamera|magnetröntgen",
    re.I,
)
_ABOUT_MRI = re.compile(
    r"(?:after|post|following|before|prior to|pre)[\s-]*(?:the\s+)?(?:MRI|MR\b|magnetic)"
    r"|(?:MRI|MR)[\s-]+(?:safe|condition|compatib|screen|question|clear|form|consult)",
    re.I,
)
_PUTS_IN = PUMP_INSERTIONS | MEDIUM_INSERTIONS | PUMP_REPLACEMENTS | CATHETER_INSERTIONS | REVISIONS


def orders_mri(text: str) -> bool:
    """True when an order's words ask for an MRI; a check of the pump after one is none."""
    if not _MRI.search(text) or _ABOUT_MRI.search(text):
        return False
    return visit_in_words(text) is None


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
