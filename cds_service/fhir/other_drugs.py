"""Fillings of the pump with another drug than baclofen, and prescriptions of such."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from cds_service.errors import UnitError
from cds_service.fhir.chart import Chart, evidence, exact, start_of
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import MedicationAdministration, MedicationRequest
from cds_service.fhir.medications import Formulary, Product, is_intrathecal_route
from cds_service.fhir.terminology.drugs import OTHER_PUMP_DRUGS, SALINE
from cds_service.therapy import units
from cds_service.therapy.quantities import Millilitres
from cds_service.therapy.record import OtherDrug

_ADMINISTRATIONS = "medicationAdministrations"
_REQUESTS = "medicationRequests"
_LEAST_FILLING = Millilitres(Decimal(5))
"""A spinal injection for pain or surgery is smaller; a pump is filled with 10 mL and more."""


def mixed_with(product: Product) -> str:
    """The drug that a product of baclofen names beside it; empty when it names none."""
    found = OTHER_PUMP_DRUGS.search(product.words)
    return found[0].lower() if found else ""


def read_other_drugs(
    chart: Chart,
    administrations: Source[Any],
    requests: Source[Any],
) -> tuple[OtherDrug, ...]:
    """Completed fillings with a volume that only a pump takes, and active prescriptions."""
    return (*_fillings(chart, administrations), *_prescriptions(chart, requests))


def _fillings(chart: Chart, source: Source[Any]) -> Iterator[OtherDrug]:
    formulary = Formulary(source)
    for given in source.resources:
        if not isinstance(given, MedicationAdministration) or given.status != "completed":
            continue
        route = given.dosage.route if given.dosage else None
        if not is_intrathecal_route(route) or not chart.owns(given.subject):
            continue
        name, is_flush = _name(formulary.product(given))
        if name and _is_filling(given):
            text = start_of(given.effectiveDateTime, given.effectivePeriod)
            when = chart.when(_ADMINISTRATIONS, given, text, "a filling of the pump")
            if when is not None:
                proof = evidence(given, f"pump filled with {name}", when)
                yield OtherDrug(name, when, proof, is_flush)


def _prescriptions(chart: Chart, source: Source[Any]) -> Iterator[OtherDrug]:
    formulary = Formulary(source)
    for request in source.resources:
        if not isinstance(request, MedicationRequest) or not _is_active(request):
            continue
        routes = [dosage.route for dosage in request.dosageInstruction]
        if not any(map(is_intrathecal_route, routes)) or not chart.owns(request.subject):
            continue
        name, is_flush = _name(formulary.product(request))
        if name and not is_flush and any(_is_continuous(request)):
            when = chart.when(_REQUESTS, request, request.authoredOn, "a prescription")
            if when is not None:
                proof = evidence(request, f"{name} prescribed for the pump", when, "prescription")
                yield OtherDrug(name, when, proof, is_filling=False)


def _is_active(request: MedicationRequest) -> bool:
    return (
        request.status == "active"
        and request.intent in ("order", None)
        and (not request.doNotPerform)
    )


def _is_continuous(request: MedicationRequest) -> Iterator[bool]:
    """Whether rates are given: what is infused goes through a pump."""
    for dosage in request.dosageInstruction:
        yield any(part.rateQuantity or part.rateRatio for part in dosage.doseAndRate)


def _name(product: Product) -> tuple[str, bool]:
    """The drug, and whether it only flushes; no name for baclofen and for what no pump gives."""
    if product.is_baclofen:
        return "", False
    found = OTHER_PUMP_DRUGS.search(product.words)
    if found:
        return found[0].lower(), False
    return ("saline", True) if SALINE.search(product.words) else ("", False)


def _is_filling(given: MedicationAdministration) -> bool:
    dose = given.dosage.dose if given.dosage else None
    if dose is None or dose.value is None:
        return False
    try:
        return units.millilitres(exact(dose), dose.unit, dose.code) >= _LEAST_FILLING
    except UnitError:
        return False
