"""German, French, Spanish, Italian and Dutch words for operations, refills and visits.

Words are the last resort, after codes. Letters may lack their accents or be composed of two signs.
"""

import re

from cds_service.therapy.record import SurgeryKind, VisitKind

_U = "(?:ü|ue|u\N{COMBINING DIAERESIS}?)"
_O = "(?:ó|o\N{COMBINING ACUTE ACCENT}?)"
_E = "(?:é|e\N{COMBINING ACUTE ACCENT}?)"
_A = "(?:ä|ae|a\N{COMBINING DIAERESIS}?)"
PUMP = r"\w*(?:pumpe|pumpen|pompe|pompa|pomp|bomba)"
_CATHETER = rf"\w*(?:katheters?|cath{_E}ter|cat{_E}ter|catetere)"

_REPLACE = (
    rf"wechsel|austausch|remplacement|changement|recambio|reemplazo|sustituci{_O}n|sostituzione"
    r"|vervanging|wisseling"
)
_REVISE = rf"revision|r{_E}vision|revisi{_O}n|revisione|revisie|repositionierung"
_REMOVE = (
    r"explantation|entfernung|ausbau|ablation|retrait|retirada|explante|rimozione|espianto"
    rf"|explantaci{_O}n|verwijdering|explantatie"
)
_INSERT = (
    r"implantation|einbau|pose|mise en place|implante|impianto|implantatie|plaatsing"
    rf"|implantaci{_O}n|colocaci{_O}n"
)
_REFILL = (
    rf"(?:nach|wieder|auf|neu)(?:be)?f{_U}ll(?:ung|en)|pumpen(?:be)?f{_U}llung|(?:be)?f{_U}llung"
    r"|remplissage|recharge|recarga|rellenado|relleno|llenado|ricarica|riempimento"
    r"|(?:bij|her|na)?vull(?:en|ing)"
)
_LINK = r"(?:[\s,:–-]+[^\s.;/,:]+){0,6}?[\s,:–-]+"


def _done_to(verbs: str, thing: str) -> re.Pattern[str]:
    """The verb and its object in either order, or joined as in `Pumpenwechsel`."""
    joined = rf"{thing}[\s-]?(?:{verbs})"
    return re.compile(
        rf"\b(?:{verbs}){_LINK}{thing}\b|\b{thing}{_LINK}(?:{verbs})\b|\b{joined}\b", re.I
    )


_OPERATIONS = (
    (_done_to(_REPLACE, PUMP), SurgeryKind.REPLACEMENT),
    (_done_to(_REVISE, PUMP), SurgeryKind.REVISION),
    (_done_to(_REMOVE, PUMP), SurgeryKind.EXPLANT),
    (_done_to(_INSERT, PUMP), SurgeryKind.IMPLANT),
    (_done_to("|".join((_REPLACE, _REVISE, _REMOVE, _INSERT)), _CATHETER), SurgeryKind.REVISION),
)
_REFILLED = _done_to(_REFILL, PUMP)
_NOT_DONE = re.compile(
    rf"beratung|aufkl{_A}rung|abkl{_A}rung|eignung|testung|\bprobe|geplant|\bvor\b|\bnach\b|nachsorge"
    rf"|\bz\.? ?n\.|kontroll|verlauf|f{_A}den|naht|verband|bilan|suivi|contr[ôo]l|avant|apr[èe]s"
    rf"|essai|visita|antes|despu{_E}s|\btras\b|seguimiento|prueba|puntos|prima|dopo|prova|\bvoor\b"
    r"|\bna\b|opvolg|proef|hechting|controll|controle|counsel|consult",
    re.I,
)
_VISITS = (
    (re.compile(_REPLACE, re.I), VisitKind.REPLACEMENT),
    (re.compile(r"wund|plaie|cicatri|herida|ferita|wond", re.I), VisitKind.WOUND_CHECK),
    (re.compile(_REFILL, re.I), VisitKind.REFILL),
    (re.compile(r"testung|essai|prueba|\bprova|proef", re.I), VisitKind.SCREENING_TEST),
    (re.compile(rf"kontroll|contr[ôo]l|auslesen|{_U}berpr{_U}f", re.I), VisitKind.PUMP_CHECK),
    (re.compile(r"nachsorge|verlauf|suivi|seguimiento|opvolg", re.I), VisitKind.FOLLOW_UP),
)
WOUND_CHECK = re.compile(
    r"wundkontrolle|wondcontrole|contr[ôo]le de (?:la )?(?:plaie|cicatrice)"
    r"|control de (?:la )?herida|controllo (?:della )?ferita",
    re.I,
)


def foreign_operation(text: str) -> SurgeryKind | None:
    """The operation that a text on an ITB system names in one of these languages, or None."""
    if _NOT_DONE.search(text):
        return None
    return next((kind for words, kind in _OPERATIONS if words.search(text)), None)


def is_foreign_refill(text: str) -> bool:
    """True when a text on an ITB system names the refilling of a pump in one of these languages."""
    return _REFILLED.search(text) is not None


def foreign_visit(text: str) -> VisitKind | None:
    """The visit that a text on ITB therapy names in one of these languages, or None."""
    return next((kind for words, kind in _VISITS if words.search(text)), None)
