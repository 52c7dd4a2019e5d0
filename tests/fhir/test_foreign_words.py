"""German, French, Spanish, Italian and Dutch records: pumps, operations, refills and visits."""

import unicodedata
from typing import Literal

import pytest

from cds_service.fhir.devices import is_pump
from cds_service.fhir.terminology.operations import is_refill_in_words, surgery_in_words
from cds_service.fhir.terminology.visits import visit_in_words
from tests.fhir.builders import a_device, source, text

Form = Literal["NFC", "NFD"]
PUMPS = [
    "Intrathekale Baclofenpumpe",
    "Baclofen-Pumpe (SynchroMed)",
    "Implantierbare Medikamentenpumpe",
    "Pumpe zur intrathekalen Infusion",
    "Pompe à baclofène intrathécale",
    "Pompe intrathécale implantable",
    "Bomba de baclofeno intratecal",
    "Pompa per baclofen intratecale",
    "Intrathecale baclofenpomp",
    "Pomp voor intrathecaal baclofen",
]
NO_PUMPS = [
    "Insulinpumpe",
    "Ernährungspumpe (enteral)",
    "Externe Infusionspumpe, intravenös",
    "Pompe à insuline externe",
    "Bomba de infusión endovenosa",
    "Pompa esterna per PCA",
    "Programmiergerät für Baclofenpumpe",
    "Intrathekaler Katheter",
    "Cathéter intrathécal",
    "Catéter intratecal",
    "Neuroestimulador intratecal (bomba)",
    "Herzunterstützungspumpe",
]
OPERATIONS = [
    ("Implantation einer intrathekalen Baclofenpumpe", "implant"),
    ("Pumpenimplantation bei intrathekaler Baclofentherapie", "implant"),
    ("Einbau Baclofenpumpe", "implant"),
    ("Pumpenwechsel (Baclofen intrathekal)", "replacement"),
    ("Wechsel der Baclofenpumpe", "replacement"),
    ("Baclofenpumpe, Austausch", "replacement"),
    ("Explantation der Baclofenpumpe", "explant"),
    ("Entfernung der intrathekalen Baclofen-Pumpe", "explant"),
    ("Revision der Baclofenpumpe", "revision"),
    ("Revision des intrathekalen Katheters", "revision"),
    ("Implantation d'une pompe à baclofène intrathécale", "implant"),
    ("Pose de pompe intrathécale", "implant"),
    ("Remplacement de la pompe à baclofène", "replacement"),
    ("Ablation de la pompe à baclofène", "explant"),
    ("Révision du cathéter intrathécal", "revision"),
    ("Implante de bomba de baclofeno", "implant"),
    ("Colocación de bomba intratecal", "implant"),
    ("Recambio de bomba de baclofeno intratecal", "replacement"),
    ("Sustitución de la bomba de baclofeno", "replacement"),
    ("Retirada de bomba de baclofeno", "explant"),
    ("Impianto di pompa per baclofen intratecale", "implant"),
    ("Sostituzione della pompa al baclofen", "replacement"),
    ("Rimozione della pompa al baclofen", "explant"),
    ("Plaatsing van een baclofenpomp", "implant"),
    ("Vervanging van de baclofenpomp", "replacement"),
    ("Verwijdering baclofenpomp", "explant"),
]
NO_OPERATIONS = [
    "Beratung vor Implantation einer Baclofenpumpe",
    "Aufklärung: Implantation einer intrathekalen Baclofenpumpe",
    "Zustand nach Implantation einer Baclofenpumpe",
    "Z.n. Pumpenwechsel, Baclofen intrathekal",
    "Kontrolle der Baclofenpumpe",
    "Testung mit Baclofen intrathekal, Eignung für Pumpe",
    "Fadenentfernung, Baclofenpumpe",
    "Wechsel der Insulinpumpe",
    "Implantation einer Endoprothese",
    "Bilan avant pose de pompe à baclofène",
    "Suivi après implantation d'une pompe à baclofène",
    "Consulta previa a implante de bomba de baclofeno",
    "Retirada de puntos, bomba de baclofeno",
    "Controllo dopo impianto di pompa al baclofen",
    "Controle na plaatsing van een baclofenpomp",
    "Auslesen der Baclofenpumpe",
]
REFILLS = [
    "Nachfüllung der Baclofenpumpe",
    "Wiederbefüllung Pumpe, Baclofen intrathekal",
    "Pumpenfüllung Baclofen",
    "Baclofenpumpe: Befüllung",
    "Baclofenpumpe auffüllen",
    "Nachfuellung der intrathekalen Pumpe",
    "Remplissage de la pompe à baclofène",
    "Recharge de pompe intrathécale",
    "Recarga de bomba de baclofeno",
    "Relleno de la bomba intratecal",
    "Ricarica della pompa al baclofen",
    "Riempimento pompa intratecale",
    "Vullen van de baclofenpomp",
    "Bijvullen baclofenpomp",
]
NO_REFILLS = [
    "Füllungsdefekt, intrathekale Kontrastmittelgabe",
    "Nachfüllung der Insulinpumpe",
    "Zahnfüllung",
    "Recharge de batterie du stimulateur",
    "Recarga de bomba de insulina",
    "Remplissage vasculaire sous baclofène",
]
VISITS = [
    ("Nachfüllung Baclofenpumpe", "refill-visit"),
    ("Pumpenfüllung", "refill-visit"),
    ("Pumpenwechsel Baclofen", "replacement-surgery"),
    ("Wundkontrolle", "wound-check"),
    ("Kontrolle Baclofenpumpe", "pump-check"),
    ("Nachsorge ITB-Pumpe", "follow-up-visit"),
    ("Testung Baclofen intrathekal", "screening-test"),
    ("Remplissage pompe à baclofène", "refill-visit"),
    ("Contrôle de la plaie", "wound-check"),
    ("Suivi pompe à baclofène", "follow-up-visit"),
    ("Recarga bomba de baclofeno", "refill-visit"),
    ("Ricarica pompa al baclofen", "refill-visit"),
    ("Vulling baclofenpomp", "refill-visit"),
]
NO_VISITS = [
    "Kontrolle Hüfte",
    "Insulinpumpe: Kontrolle",
    "Chemotherapie-Pumpe, Nachfüllung",
    "Pompe à morphine, remplissage",
    "Zahnarzt",
    "Suivi diabète",
]
accents = pytest.mark.parametrize("form", ["NFC", "NFD"])


@accents
@pytest.mark.parametrize("words", PUMPS)
def test_an_itb_pump_is_known_by_its_words(words: str, form: Form):
    assert pump_named(words, form)


@accents
@pytest.mark.parametrize("words", NO_PUMPS)
def test_another_device_is_no_pump(words: str, form: Form):
    assert not pump_named(words, form)


def pump_named(words: str, form: Form) -> bool:
    named = unicodedata.normalize(form, words)
    device = a_device(type=text(named), modelNumber=None)
    (found,) = source("devices", device).resources
    return is_pump(found)


@accents
@pytest.mark.parametrize(("words", "kind"), OPERATIONS)
def test_an_operation_is_known_by_its_words(words: str, kind: str, form: Form):
    assert surgery_in_words(unicodedata.normalize(form, words)) == kind


@pytest.mark.parametrize("words", NO_OPERATIONS)
def test_what_is_only_about_an_operation_is_none(words: str):
    assert surgery_in_words(words) is None


@accents
@pytest.mark.parametrize("words", REFILLS)
def test_a_refill_is_known_by_its_words(words: str, form: Form):
    assert is_refill_in_words(unicodedata.normalize(form, words))
    assert surgery_in_words(words) is None


@pytest.mark.parametrize("words", NO_REFILLS)
def test_another_filling_is_no_refill(words: str):
    assert not is_refill_in_words(words)


@pytest.mark.parametrize(("words", "kind"), VISITS)
def test_a_visit_is_known_by_its_words(words: str, kind: str):
    assert visit_in_words(words) == kind


@pytest.mark.parametrize("words", NO_VISITS)
def test_another_visit_is_none(words: str):
    assert visit_in_words(words) is None
