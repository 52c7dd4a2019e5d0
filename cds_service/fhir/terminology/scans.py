"""MRI scans by their names, in procedures that were done and in orders.

No code of an MRI was verified; a site adds its own to the value set `mri-scans`.
"""

import re

_MRI = re.compile(
    r"\b(?:f?MRI|MRA|MRV|MRCP|MRT|IRM|RMN)\b|\bMR\b(?!\.)"
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
_MITRAL = re.compile(r"mitral|regurgitat", re.I)


def names_mri(text: str) -> bool:
    """True when the words name an MRI scan, and not what is asked before or done after one."""
    if not _MRI.search(text) or _ABOUT_MRI.search(text):
        return False
    return _MITRAL.search(text) is None
