"""From a patient's resources to what the plans recommend."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from cds_service.assessment.occasion import WORKLIST, Occasion
from cds_service.assessment.unchecked import data_facts
from cds_service.errors import RequiredDataMissingError
from cds_service.fhir.chart import Chart
from cds_service.fhir.decoding import Sent
from cds_service.fhir.possible_pump import pump_on_problem_list
from cds_service.fhir.proposals import NO_PROPOSALS, Proposals, read_proposals
from cds_service.fhir.record import Gate, open_gate, read_record
from cds_service.fhir.translation import SiteCodes
from cds_service.guidance.evaluation import Evaluation, Recommendation, evaluate
from cds_service.guidance.plan import CANDIDATE, COULD_NOT_CHECK, DATA_QUALITY, Plan
from cds_service.therapy.fact import Findings, known
from cds_service.therapy.facts import findings
from cds_service.therapy.implants import shows_pump
from cds_service.therapy.record import TherapyRecord
from cds_service.therapy.visits import with_proposals

_NOTHING = Evaluation((), ())


@dataclass(frozen=True)
class Rulebook:
    """All that decides besides the patient: the plans with their thresholds, and the site.

    `off` names the plans that are not evaluated; their thresholds hold all the same.
    """

    plans: tuple[Plan, ...]
    time_zone: ZoneInfo
    emergency_number: str
    site_codes: SiteCodes = field(default_factory=dict)
    off: frozenset[str] = frozenset()

    @cached_property
    def thresholds(self) -> Mapping[str, Decimal]:
        """Every threshold of every plan by name, as in force at this site."""
        return {
            threshold.name: threshold.value
            for plan in self.plans
            for threshold in plan.thresholds.values()
        }

    @cached_property
    def clinical(self) -> tuple[Plan, ...]:
        """The plans that speak of the therapy."""
        return tuple(
            plan for plan in self.plans if plan.id != DATA_QUALITY and plan.id not in self.off
        )

    @cached_property
    def without_pump(self) -> tuple[Plan, ...]:
        """The plans that speak of patients without a pump, too; no other is tried for them."""
        return tuple(plan for plan in self.clinical if plan.id == CANDIDATE)

    @cached_property
    def data_quality(self) -> tuple[Plan, ...]:
        """The plan that speaks of the data."""
        return tuple(plan for plan in self.plans if plan.id == DATA_QUALITY)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was found and what follows. `has_pump` False: nothing in the record shows a pump.

    `concerns_therapy` False: nothing proposed has to do with it, and nothing else was looked at.
    """

    has_pump: bool
    evaluation: Evaluation
    findings: Findings
    record: TherapyRecord
    concerns_therapy: bool = True


_NO_PUMP = Assessment(False, _NOTHING, Findings({}), TherapyRecord())


def assess(
    patient_id: str,
    prefetch: Mapping[str, Sent],
    rulebook: Rulebook,
    now: datetime,
    occasion: Occasion,
) -> Assessment:
    """What the plans recommend for one patient at one moment.

    `prefetch` maps prefetch keys to the JSON sent under them (a resource, a searchset Bundle, null
    or an OperationOutcome), or to what reading the EHR gave; a key that is not in it was not sent.
    `now` is aware.
    Raises RequiredDataMissingError when the devices cannot be read and nothing else shows a pump.
    """
    gate = open_gate(prefetch, rulebook.site_codes)
    local = now.astimezone(rulebook.time_zone)
    proposals = _proposals(patient_id, rulebook, local, occasion)
    if occasion.proposed and not proposals.concern_therapy:
        return Assessment(gate.may_have_pump, _NOTHING, Findings({}), TherapyRecord(), False)
    asks_everyone = occasion.hook == WORKLIST or proposals.ask_without_pump
    if not gate.may_have_pump and not asks_everyone:
        return _without_pump(gate, prefetch, patient_id, rulebook, occasion.hook)
    zone = rulebook.time_zone
    record = read_record(gate, prefetch, patient_id, local, zone, for_evaluation=asks_everyone)
    record = with_proposals(record, proposals.orders, proposals.visits, proposals.issues)
    if record.is_deceased:
        return Assessment(shows_pump(record), _NOTHING, Findings({}), record)
    if not shows_pump(record):
        if _is_missing_devices(gate):
            raise RequiredDataMissingError(_no_devices(gate))
        if not asks_everyone:
            return _only_unchecked(record, rulebook, occasion.hook)
    return _by_all_plans(record, rulebook, local, occasion.hook)


def _proposals(patient_id: str, rulebook: Rulebook, now: datetime, occasion: Occasion) -> Proposals:
    if not occasion.proposed:
        return NO_PROPOSALS
    chart = Chart(patient_id, rulebook.time_zone, now.date())
    return read_proposals(chart, occasion.proposed, occasion.selections, rulebook.site_codes)


def _by_all_plans(
    record: TherapyRecord, rulebook: Rulebook, now: datetime, hook: str
) -> Assessment:
    found = findings(record, rulebook.thresholds, now, rulebook.emergency_number)
    plans = rulebook.clinical if shows_pump(record) else rulebook.without_pump
    clinical = evaluate(plans, found.facts, hook)
    facts = {**found.facts, **data_facts(record, clinical, found.conflicts, hook)}
    data = evaluate(rulebook.data_quality, facts, hook)
    advice = tuple(each for each in clinical.recommended if each.action.topic != COULD_NOT_CHECK)
    unchecked = tuple(each for each in clinical.recommended if each.action.topic == COULD_NOT_CHECK)
    told = tuple(_with_suggestions(each, unchecked) for each in data.recommended)
    evaluation = Evaluation((*advice, *told), clinical.undecided)
    return Assessment(shows_pump(record), evaluation, Findings(facts, found.conflicts), record)


def _with_suggestions(
    told: Recommendation, unchecked: tuple[Recommendation, ...]
) -> Recommendation:
    """The card of what could not be checked, with what the clinical plans suggest about it."""
    if told.action.topic != COULD_NOT_CHECK or not unchecked:
        return told
    suggestions = tuple(offer for each in unchecked for offer in each.action.suggestions)
    return replace(told, action=replace(told.action, suggestions=suggestions))


def _without_pump(
    gate: Gate, prefetch: Mapping[str, Sent], patient_id: str, rulebook: Rulebook, hook: str
) -> Assessment:
    """Nothing to say, if all that could show a pump was read and no diagnosis names one."""
    issues = gate.issues(patient_id)
    named = pump_on_problem_list(prefetch.get("conditions"), patient_id)
    if named is not None and not gate.is_deceased:
        issues = (*issues, named)
    if not gate.unread and not issues:
        return _NO_PUMP
    if _is_missing_devices(gate):
        raise RequiredDataMissingError(_no_devices(gate))
    record = TherapyRecord(unread=gate.unread, issues=issues)
    return _only_unchecked(record, rulebook, hook)


def _only_unchecked(record: TherapyRecord, rulebook: Rulebook, hook: str) -> Assessment:
    """No pump was found, but not everything that could show one was read."""
    gate_record = TherapyRecord(unread=record.unread, issues=record.issues)
    facts = {
        "site.emergencyNumber": known(rulebook.emergency_number),
        **data_facts(gate_record, _NOTHING, (), hook),
    }
    evaluation = evaluate(rulebook.data_quality, facts, hook)
    return Assessment(False, evaluation, Findings(facts), record)


def _is_missing_devices(gate: Gate) -> bool:
    devices = gate.sources["devices"]
    return bool(devices.unread) and not devices.resources


def _no_devices(gate: Gate) -> str:
    return (
        f"Prefetch key 'devices': {gate.sources['devices'].unread}; and nothing else sent shows "
        "whether there is an intrathecal pump. Send the result of Device?patient={patient id}."
    )
