"""Implanted ITB pumps, and the devices that look like one."""

import re

from cds_service.fhir.terminology.systems import HCPCS, INTRATHECAL, SNOMED, coded

PUMP_DEVICES = coded(SNOMED, "360041000") | coded(HCPCS, "E0783", "E0786", "C1772")
DECOY_DEVICES = coded(SNOMED, "433296005", "69805005", "25937001", "303497001")

PUMP_WORDS = re.compile(
    rf"(?:{INTRATHECAL}|ba[ck]lof|\bITB\b).*(?:pump|pomp|bomba|drug delivery|infusion system)"
    rf"|(?:pump|pomp|bomba|drug delivery|infusion system).*(?:{INTRATHECAL}|ba[ck]lof|\bITB\b)"
    r"|synchromed|prometra"
    r"|implant\w*\s+(?:drug\s+|infusion\s+)+pump|pump,\s*infusion,\s*implant"
    r"|implantier\w*\s+(?:medikamenten|infusions)pumpe|medikamentenpumpe,\s*implantier",
    re.I | re.S,
)
NOT_A_PUMP = re.compile(
    r"insulin|hepati|h[ée]pati|arter|st[io]mul|enteral|ent[ée]ral|feeding|\bPCA\b|extern|estern|shunt"
    r"|programmer|programmierger|programmateur|programador|programmatore|intraven|endoven|\bIV\b",
    re.I,
)
_CATHETER = re.compile("[ck]at(?:h?)(?:é|e\N{COMBINING ACUTE ACCENT}?)ter", re.I)
_PUMP = re.compile(r"pump|pomp|bomba|drug delivery|infusion system|reservoir", re.I)


def is_catheter_only(text: str) -> bool:
    """True when a text names a catheter and no pump."""
    return bool(_CATHETER.search(text)) and not _PUMP.search(text)
