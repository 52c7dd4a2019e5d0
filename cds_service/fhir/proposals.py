"""What is about to be ordered or booked: the Bundles of a hook's context to proposals."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from msgspec import Raw

from cds_service.errors import DateError, UnitError
from cds_service.fhir.appointments import proposed_visit, visit_ordered
from cds_service.fhir.chart import Chart, evidence, exact
from cds_service.fhir.concepts import all_words, codes, names_patient
from cds_service.fhir.dates import read_when
from cds_service.fhir.decoding import Source, read_source
from cds_service.fhir.drug_uses import drug_classes, goes_intrathecal, is_for_pump
from cds_service.fhir.elements import Appointment, MedicationRequest, Reference, ServiceRequest
from cds_service.fhir.fills import prescribed_dose
from cds_service.fhir.medications import Formulary, Product, rate_in_words, strength_of
from cds_service.fhir.terminology.drugs import BACLOFEN_WORDS, SCREENING_BACLOFEN
from cds_service.fhir.terminology.orders import (
    may_be_mri,
    orders_mri,
    orders_new_pump,
    orders_removal,
)
from cds_service.fhir.translation import SiteCodes
from cds_service.therapy import units
from cds_service.therapy.calendar import When
from cds_service.therapy.quantities import (
    Micrograms,
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
)
from cds_service.therapy.record import (
    DataIssue,
    DrugClass,
    OrderKind,
    ProposedOrder,
    Visit,
    VisitKind,
)

_ORDERS, _VISITS = "draftOrders", "appointments"
_NO_ORDER = {"entered-in-error", "completed", "ended", "unknown", "revoked"}
_STOPS = {"stopped", "cancelled"}
_SCREENING_STRENGTH = MicrogramsPerMillilitre(Decimal(50))
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Proposals:
    """What of a hook's proposals concerns the therapy, and what of them could not be read."""

    orders: tuple[ProposedOrder, ...] = ()
    visits: tuple[Visit, ...] = ()
    issues: tuple[DataIssue, ...] = ()

    @property
    def concern_therapy(self) -> bool:
        """False when all was read and nothing of it concerns a pump or the way to one."""
        return bool(self.orders or self.visits or self.issues)

    @property
    def ask_without_pump(self) -> bool:
        """True when a screening test is ordered: a question about people who have no pump yet."""
        return any(order.kind is OrderKind.SCREENING_TEST for order in self.orders)


NO_PROPOSALS = Proposals()


def read_proposals(
    chart: Chart,
    proposed: Mapping[str, Raw],
    selections: tuple[str, ...],
    site_codes: SiteCodes,
) -> Proposals:
    """The orders and visits proposed; of the orders only those selected, if any are."""
    orders: tuple[ProposedOrder, ...] = ()
    visits: tuple[Visit, ...] = ()
    issues: list[DataIssue] = []
    for key, sent in proposed.items():
        source = read_source(key, sent, site_codes)
        if source.unread:
            issues.append(DataIssue(key, "The proposal", source.unread))
        issues += source.issues
        if key == _ORDERS:
            orders = tuple(_orders(chart, source, selections))
        elif key == _VISITS:
            visits = tuple(_visits(chart, source))
    return Proposals(orders, visits, (*issues, *chart.issues))


def _visits(chart: Chart, source: Source[Any]) -> Iterator[Visit]:
    for found in source.resources:
        if isinstance(found, Appointment):
            visit = proposed_visit(chart, found)
            if visit is not None:
                yield visit


def _orders(
    chart: Chart, source: Source[Any], selections: tuple[str, ...]
) -> Iterator[ProposedOrder]:
    formulary = Formulary(source)
    picked = list(_picked(source, selections))
    services = [found for found in picked if isinstance(found, ServiceRequest)]
    puts_pump_in = any(orders_new_pump(*_asked(found)) for found in services)
    for found in picked:
        if not _concerns(chart, found) or found.status in _NO_ORDER:
            continue
        if isinstance(found, ServiceRequest):
            order = _service(chart, found, puts_pump_in)
            if order is not None:
                yield order
        elif isinstance(found, MedicationRequest):
            yield from _drug(chart, found, formulary.product(found))


def _picked(source: Source[Any], selections: tuple[str, ...]) -> Iterable[Any]:
    if not selections:
        return source.resources
    wanted = {"/".join(selection.split("/")[-2:]) for selection in selections}
    by_url = [
        found for url, found in source.urls.items() if "/".join(url.split("/")[-2:]) in wanted
    ]
    return [
        found
        for found in source.resources
        if f"{type(found).__name__}/{found.id}" in wanted or any(found is each for each in by_url)
    ]


def _concerns(chart: Chart, found: Any) -> bool:
    """A draft without a subject is of the patient in the context; one of another is refused."""
    subject: Reference | None = getattr(found, "subject", None)
    if subject is None or names_patient(subject, chart.patient_id):
        return isinstance(found, MedicationRequest | ServiceRequest)
    problem = "belongs to another patient and was not checked"
    chart.report(_ORDERS, found, problem, is_foreign=True)
    return False


def _asked(found: ServiceRequest) -> tuple[frozenset[Any], str]:
    concepts = [found.code] if found.code else []
    return frozenset(codes(found.code)), all_words([*concepts, *found.category])


def _service(chart: Chart, found: ServiceRequest, puts_pump_in: bool) -> ProposedOrder | None:
    coded, told = _asked(found)
    if "code" in found.unreadable or not (coded or told):
        chart.report(_ORDERS, found, "does not say what is ordered; it was not checked")
        return None
    if found.doNotPerform:
        return None
    kind = None
    dose = None
    if visit_ordered(found) is VisitKind.SCREENING_TEST or not SCREENING_BACLOFEN.isdisjoint(coded):
        kind = OrderKind.SCREENING_TEST
    elif orders_mri(told):
        kind = OrderKind.MRI
    elif orders_removal(coded, told) and not puts_pump_in:
        kind = OrderKind.THERAPY_STOP
    elif BACLOFEN_WORDS.search(told):
        dose = _dose_in_words(chart, found, told)
        kind = OrderKind.INTRATHECAL_DRUG if dose else None
    if kind is None:
        _report_if_unknown(chart, found)
        return None
    return _order(chart, found, kind, told, dose=dose)


def _report_if_unknown(chart: Chart, found: ServiceRequest) -> None:
    """An order without a word is not silently taken for one that does not matter."""
    of_code = all_words([found.code]) if found.code else ""
    category = all_words(found.category)
    is_visit = visit_ordered(found) is not None
    if not is_visit and may_be_mri(frozenset(codes(found.code)), of_code, category):
        chart.report(
            _ORDERS,
            found,
            "is named by a code alone that is not known here, and was "
            "not checked: it may be an MRI scan",
        )


def _dose_in_words(chart: Chart, found: ServiceRequest, told: str) -> MicrogramsPerDay | None:
    try:
        return rate_in_words(told)
    except UnitError as fault:
        chart.report(_ORDERS, found, f"the daily dose: {fault}; not checked")
        return None


def _drug(chart: Chart, found: MedicationRequest, product: Product) -> Iterator[ProposedOrder]:
    if not product.is_named:
        chart.report(_ORDERS, found, "names no drug that can be read; it was not checked")
        return
    is_stop = found.status in _STOPS or bool(found.doNotPerform)
    if is_for_pump(found, product) or goes_intrathecal(found):
        yield from _intrathecal(chart, found, product, is_stop)
        return
    for drug_class, name in drug_classes(found, product):
        if drug_class is DrugClass.ORAL_BACLOFEN and is_stop:
            yield _order(chart, found, OrderKind.ORAL_BACLOFEN_STOP, name)
        elif drug_class is DrugClass.CNS_DEPRESSANT and not is_stop:
            yield _order(chart, found, OrderKind.CNS_DEPRESSANT, name)


def _intrathecal(
    chart: Chart, found: MedicationRequest, product: Product, is_stop: bool
) -> Iterator[ProposedOrder]:
    name = product.words
    if not product.is_baclofen or product.is_oral or product.sounds_oral:
        if not is_stop:
            yield _order(chart, found, OrderKind.OTHER_INTRATHECAL_DRUG, name)
        return
    if is_stop:
        yield _order(chart, found, OrderKind.THERAPY_STOP, name)
        return
    concentration = _strength(chart, found, product)
    is_test = product.is_for_screening or concentration == _SCREENING_STRENGTH
    kind = OrderKind.SCREENING_TEST if is_test else OrderKind.INTRATHECAL_DRUG
    yield _order(
        chart,
        found,
        kind,
        name,
        dose=None if is_test else prescribed_dose(chart, found, _ORDERS),
        amount=_amount(chart, found, concentration),
        concentration=concentration,
    )


def _strength(
    chart: Chart, found: MedicationRequest, product: Product
) -> MicrogramsPerMillilitre | None:
    try:
        return strength_of(product)[0]
    except UnitError as fault:
        chart.report(_ORDERS, found, f"the strength: {fault}; not checked")
        return None


def _amount(
    chart: Chart, found: MedicationRequest, concentration: MicrogramsPerMillilitre | None
) -> Micrograms | None:
    """The mass of the dose; of a volume, with the concentration."""
    for dosage in found.dosageInstruction:
        for part in dosage.doseAndRate:
            quantity = part.doseQuantity
            if quantity is None or quantity.value is None:
                continue
            try:
                kind = units.kind_of(quantity.unit, quantity.code)
                if kind is units.Kind.MASS:
                    return units.micrograms(exact(quantity), quantity.unit, quantity.code)
                if kind is units.Kind.VOLUME and concentration is not None:
                    volume = units.millilitres(exact(quantity), quantity.unit, quantity.code)
                    return volume * concentration
            except UnitError as fault:
                chart.report(_ORDERS, found, f"the dose: {fault}; not checked")
    return None


def _order(
    chart: Chart,
    found: MedicationRequest | ServiceRequest,
    kind: OrderKind,
    told: str,
    **figures: Any,
) -> ProposedOrder:
    name = " ".join(told.split())[:_LONGEST_NAME].strip() or kind.value
    planned = _planned(chart, found)
    return ProposedOrder(
        kind, name, evidence(found, f"draft order: {name}", planned), planned, **figures
    )


def _planned(chart: Chart, found: MedicationRequest | ServiceRequest) -> When | None:
    if isinstance(found, ServiceRequest):
        period = found.occurrencePeriod
        text = found.occurrenceDateTime or (period.start if period else None)
    else:
        timings = [dosage.timing for dosage in found.dosageInstruction if dosage.timing]
        text = next((event for timing in timings for event in timing.event), None)
    try:
        return read_when(text, chart.zone) if text else None
    except DateError as fault:
        chart.report(_ORDERS, found, f"the date it is for: {fault}; not used")
        return None
