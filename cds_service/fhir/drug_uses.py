"""Drugs outside the pump: oral baclofen, oral drugs against spasticity, CNS depressants."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from cds_service.fhir.chart import Chart, evidence, start_of
from cds_service.fhir.concepts import names_patient
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import MedicationAdministration, MedicationRequest
from cds_service.fhir.medications import Formulary, Product, is_intrathecal_route
from cds_service.fhir.terminology.oral_drugs import classes_in_words
from cds_service.therapy.calendar import When, add_days
from cds_service.therapy.record import DrugClass, DrugUse

_TAKEN = {"active", "on-hold"}
_ENDED = {"stopped", "completed", "ended"}
_GIVEN = {"completed", "in-progress"}
_LONGEST_WINDOW_DAYS = 8
"""More than the 168 hours that a site may set."""


def read_drug_uses(chart: Chart, source: Source[Any]) -> tuple[DrugUse, ...]:
    """What was prescribed, running or over; drafts, cancelled orders and proposals are no use."""
    formulary = Formulary(source)
    uses = []
    for request in source.resources:
        if not isinstance(request, MedicationRequest) or not names_patient(
            request.subject, chart.patient_id
        ):
            continue
        if request.status not in _TAKEN | _ENDED or request.doNotPerform:
            continue
        if request.intent in ("proposal", "plan", "option"):
            continue
        product = formulary.product(request)
        for drug_class, name in drug_classes(request, product):
            started = chart.when_known(request.authoredOn)
            stopped = _by_today(chart, started) if request.status in _ENDED else None
            says = f"{name}, {request.status}"
            proof = evidence(request, says, started, "name of the drug")
            uses.append(DrugUse(drug_class, name, started, stopped, proof))
    return tuple(uses)


def read_drugs_given(chart: Chart, source: Source[Any]) -> tuple[DrugUse, ...]:
    """The CNS depressants given in the last days outside the pump, a use for each dose.

    What is older decides nothing: no event is looked for so far back.
    """
    formulary = Formulary(source)
    earliest = add_days(chart.today, -_LONGEST_WINDOW_DAYS)
    uses = []
    for given in source.resources:
        if not isinstance(given, MedicationAdministration) or not chart.owns(given.subject):
            continue
        route = given.dosage.route if given.dosage else None
        if given.status not in _GIVEN or is_intrathecal_route(route):
            continue
        when = chart.when_known(start_of(given.effectiveDateTime, given.effectivePeriod))
        if when is None or when.last < earliest or when.first > chart.today:
            continue
        for drug_class, name in classes_in_words(formulary.product(given).words):
            if drug_class is DrugClass.CNS_DEPRESSANT:
                proof = evidence(given, f"{name}, given", when, "name of the drug")
                uses.append(DrugUse(drug_class, name, when, when, proof, was_given=True))
    return tuple(uses)


def _by_today(chart: Chart, started: When | None) -> When:
    """When it ended: no element says it, so any day since the start."""
    return When(started.first if started else date.min, chart.today)


def drug_classes(request: MedicationRequest, product: Product) -> Iterator[tuple[DrugClass, str]]:
    """The classes that a prescribed drug belongs to, each with the name that shows it."""
    if product.is_baclofen or product.is_oral:
        if not is_for_pump(request, product):
            yield DrugClass.ORAL_BACLOFEN, "baclofen"
        return
    if not goes_intrathecal(request):
        yield from classes_in_words(product.words)


def goes_intrathecal(request: MedicationRequest) -> bool:
    """True when a route is given and it is intrathecal."""
    return any(is_intrathecal_route(dosage.route) for dosage in request.dosageInstruction)


def is_for_pump(request: MedicationRequest, product: Product) -> bool:
    """True for baclofen by the intrathecal route, or an intrathecal product without a route."""
    routes = [dosage.route for dosage in request.dosageInstruction if dosage.route]
    if any(route.coding or route.text for route in routes):
        return goes_intrathecal(request)
    return product.is_intrathecal and not product.is_oral and not product.sounds_oral
