"""Refills and programmed doses from administrations and prescriptions."""

import re
from decimal import Decimal
from fractions import Fraction

from cds_service.errors import UnitError
from cds_service.fhir.chart import Chart, evidence, exact, start_of
from cds_service.fhir.concepts import codes
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import MedicationAdministration, MedicationRequest
from cds_service.fhir.flex_dosing import summed_over_day
from cds_service.fhir.medications import (
    Formulary,
    Product,
    is_intrathecal_route,
    rate_in_words,
    rate_of,
    strength_of,
)
from cds_service.fhir.other_drugs import mixed_with
from cds_service.fhir.terminology.drugs import BACLOFEN_WORDS, INTRATHECAL_WORDS
from cds_service.fhir.versions import NOT_R4, is_sent
from cds_service.therapy import units
from cds_service.therapy.calendar import When
from cds_service.therapy.quantities import (
    Micrograms,
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
)
from cds_service.therapy.record import DoseSource, DoseStatement, Fill

_ADMINISTRATIONS = "medicationAdministrations"
_REQUESTS = "medicationRequests"
_STATUSES = {
    "completed",
    "in-progress",
    "not-done",
    "on-hold",
    "stopped",
    "unknown",
    "entered-in-error",
}
_NOTHING, _LARGEST_TEST_BOLUS = Micrograms(Fraction(0)), Micrograms(Fraction(100))
_LARGEST_TEST_VOLUME = Millilitres(Decimal(2))
"""Screening doses are 50 to 100 mcg (drug labels); no pump is filled with so little."""


def goes_elsewhere(given: MedicationAdministration) -> bool:
    """True when the administration names a route, and not the intrathecal one."""
    route = given.dosage.route if given.dosage else None
    return (
        route is not None and bool(route.coding or route.text) and not is_intrathecal_route(route)
    )


def gives_intrathecal_baclofen(given: MedicationAdministration, product: Product) -> bool:
    """True for baclofen by a route that is intrathecal, or not named though the product is."""
    if not product.is_baclofen or product.is_oral or goes_elsewhere(given):
        return False
    route = given.dosage.route if given.dosage else None
    return is_intrathecal_route(route) or (product.is_intrathecal and not product.sounds_oral)


def may_be_pump_drug(given: MedicationAdministration, product: Product) -> bool:
    """True for intrathecal baclofen, and for an intrathecal drug that is not named."""
    route = given.dosage.route if given.dosage else None
    unnamed = not product.is_named and is_intrathecal_route(route)
    return unnamed or gives_intrathecal_baclofen(given, product)


def read_fills(chart: Chart, source: Source[MedicationAdministration]) -> tuple[Fill, ...]:
    """Completed fillings of the pump, newest first; what might be one and is not read is reported.

    Newer ones that were not completed are set aside on the chart. Reads back to the fill before the
    last, or a few further to one that states a rate: an older one decides nothing any more.
    """
    fills: list[Fill] = []
    for when, given, product in _newest_first(chart, source):
        if given.status != "completed":
            if not fills:
                says = f"refill recorded as {given.status}"
                chart.set_aside.append(evidence(given, says, when))
            continue
        days = {fill.when.first for fill in fills}
        is_older = when.first not in days
        enough = _LEAST_DAYS if any(fill.rate for fill in fills) else _MOST_DAYS
        if is_older and len(days) >= enough:
            break
        fill = _fill(chart, given, product, when)
        if fill is not None:
            fills.append(fill)
    return tuple(fills)


_LEAST_DAYS, _MOST_DAYS = 2, 4
"""How many days of filling are read back."""


def _newest_first(
    chart: Chart, source: Source[MedicationAdministration]
) -> list[tuple[When, MedicationAdministration, Product]]:
    formulary = Formulary(source)
    dated = []
    for given in chart.own(source, MedicationAdministration, lambda found: found.subject):
        if goes_elsewhere(given):
            continue
        product = formulary.product(given)
        if not _may_be_fill(chart, given, product):
            continue
        text = start_of(given.effectiveDateTime, given.effectivePeriod)
        when = chart.when(_ADMINISTRATIONS, given, text, "a refill")
        if when is not None:
            dated.append((when, given, product))
    return sorted(dated, key=lambda found: found[0].first, reverse=True)


def _may_be_fill(chart: Chart, given: MedicationAdministration, product: Product) -> bool:
    if is_sent(given.medication, given.occurenceDateTime, given.occurencePeriod):
        chart.report(_ADMINISTRATIONS, given, NOT_R4)
        return False
    route = given.dosage.route if given.dosage else None
    if not product.is_named and is_intrathecal_route(route):
        chart.report(_ADMINISTRATIONS, given, "an intrathecal drug that is not named; not used")
        return False
    relevant = gives_intrathecal_baclofen(given, product)
    if relevant and is_sent(given.notGiven):
        chart.report(_ADMINISTRATIONS, given, NOT_R4)
        return False
    if given.unreadable and (relevant or not product.is_named):
        parts = ", ".join(given.unreadable)
        chart.report(_ADMINISTRATIONS, given, f"{parts} cannot be read as FHIR R4")
    if relevant and given.status not in _STATUSES:
        chart.report(_ADMINISTRATIONS, given, "has no status that is known; not used")
    return relevant and given.status in _STATUSES


def _fill(
    chart: Chart, given: MedicationAdministration, product: Product, when: When
) -> Fill | None:
    concentration, rung = _strength(chart, given, product)
    volume, amount = _dose(chart, given)
    if product.is_for_screening or _is_test_bolus(volume, amount, concentration):
        return None
    if not rung and product.rests_on_medium_code:
        rung = "code of medium confidence"
    rate = _rate(chart, given)
    told = [volume or _milligrams(amount), concentration, rate and f"programmed {rate}"]
    says = "refill: " + (", ".join(str(part) for part in told if part) or "no figures")
    proof = evidence(given, says, when, rung)
    return Fill(
        when,
        proof,
        volume,
        amount,
        concentration,
        rate,
        at_home=_is_at_home(given),
        also_holds=mixed_with(product),
    )


def _is_at_home(given: MedicationAdministration) -> bool:
    """True when category or visit class is of a home, or the words for who or where name one."""
    if any(code == "community" for _, code in codes(given.category)):
        return True
    if any(part.encounter_class and part.encounter_class.code == "HH" for part in given.contained):
        return True
    named = [given.context, *(each.actor for each in given.performer)]
    told = " / ".join(each.display for each in named if each and each.display)
    return _HOME.search(told) is not None


_HOME = re.compile(r"\bhome\b(?! (?:clinic|hospital))|\bdomicil|\bhausbesuch|\bhäuslich", re.I)


def _strength(
    chart: Chart, given: MedicationAdministration, product: Product
) -> tuple[MicrogramsPerMillilitre | None, str]:
    try:
        return strength_of(product)
    except UnitError as fault:
        chart.report(_ADMINISTRATIONS, given, f"the strength: {fault}; not used")
        return None, ""


def _dose(
    chart: Chart, given: MedicationAdministration
) -> tuple[Millilitres | None, Micrograms | None]:
    dose = given.dosage.dose if given.dosage else None
    if dose is None or dose.value is None:
        return None, None
    try:
        if units.kind_of(dose.unit, dose.code) is units.Kind.MASS:
            return None, units.micrograms(exact(dose), dose.unit, dose.code)
        return units.millilitres(exact(dose), dose.unit, dose.code), None
    except UnitError as fault:
        chart.report(_ADMINISTRATIONS, given, f"the volume filled: {fault}; not used")
        return None, None


def _rate(chart: Chart, given: MedicationAdministration) -> MicrogramsPerDay | None:
    if given.dosage is None:
        return None
    try:
        return rate_of(given.dosage.rateQuantity, given.dosage.rateRatio)
    except UnitError as fault:
        chart.report(_ADMINISTRATIONS, given, f"the daily dose: {fault}; not used")
        return None


def _is_test_bolus(
    volume: Millilitres | None,
    amount: Micrograms | None,
    concentration: MicrogramsPerMillilitre | None,
) -> bool:
    if amount is None and volume is not None and concentration is not None:
        if volume > _LARGEST_TEST_VOLUME:
            return False
        amount = volume * concentration
    return amount is not None and _NOTHING < amount <= _LARGEST_TEST_BOLUS


def _milligrams(amount: Micrograms | None) -> str:
    return f"{float(amount.value) / 1000:g} mg" if amount else ""


def read_prescribed_doses(
    chart: Chart, source: Source[MedicationRequest]
) -> tuple[DoseStatement, ...]:
    """Daily doses of active intrathecal baclofen prescriptions."""
    formulary = Formulary(source)
    stated = []
    for request in chart.own(source, MedicationRequest, lambda found: found.subject):
        if _is_r5_intrathecal(request):
            chart.report(_REQUESTS, request, NOT_R4)
        if not _is_active_intrathecal(request, formulary.product(request)):
            continue
        when = chart.when(_REQUESTS, request, request.authoredOn, "an intrathecal prescription")
        if when is None:
            continue
        found = _prescribed(chart, request)
        if found is not None:
            dose, rung = found
            says = f"prescribed {dose}" if dose else "a daily dose that was refused"
            proof = evidence(request, says, when, rung)
            stated.append(DoseStatement(dose, when, DoseSource.PRESCRIPTION, proof))
    return tuple(stated)


def _is_r5_intrathecal(request: MedicationRequest) -> bool:
    told = bytes(request.medication).decode(errors="replace")
    routes = [dosage.route for dosage in request.dosageInstruction]
    return bool(BACLOFEN_WORDS.search(told)) and (
        bool(INTRATHECAL_WORDS.search(told)) or any(is_intrathecal_route(each) for each in routes)
    )


def _is_active_intrathecal(request: MedicationRequest, product: Product) -> bool:
    if request.status != "active" or request.doNotPerform:
        return False
    if request.intent in ("proposal", "plan", "option") or not product.is_baclofen:
        return False
    routes = [dosage.route for dosage in request.dosageInstruction if dosage.route]
    if routes:
        return any(is_intrathecal_route(route) for route in routes)
    return product.is_intrathecal and not product.is_oral


def prescribed_dose(chart: Chart, request: MedicationRequest, key: str) -> MicrogramsPerDay | None:
    """The daily dose that an order states, or None; reported when it is unclear."""
    found = _prescribed(chart, request, key)
    return found[0] if found else None


def _prescribed(
    chart: Chart, request: MedicationRequest, key: str = _REQUESTS
) -> tuple[MicrogramsPerDay | None, str] | None:
    """The dose and its rung; (None, ...) when one is given and refused; None when none is given."""
    rates = [part for dosage in request.dosageInstruction for part in dosage.doseAndRate]
    try:
        found = [
            rate for rate in (rate_of(part.rateQuantity, part.rateRatio) for part in rates) if rate
        ]
        if len(found) > 1:
            return summed_over_day(request.dosageInstruction), "sum of the dosage instructions"
        if found:
            return found[0], ""
        quantities = [part.doseQuantity for part in rates if part.doseQuantity]
        daily = [q for q in quantities if units.kind_of(q.unit, q.code) is units.Kind.DAILY_DOSE]
        if len(daily) == 1:
            return rate_of(daily[0], None), ""
        texts = [rate_in_words(dosage.text) for dosage in request.dosageInstruction]
        told = [dose for dose in texts if dose]
        return (told[0], "words of the prescription") if len(told) == 1 else None
    except UnitError as fault:
        chart.report(key, request, f"the daily dose: {fault}; not used")
        return None, ""
