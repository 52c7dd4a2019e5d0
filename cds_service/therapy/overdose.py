"""Baclofen overdose: recent events that can cause it, its signs, and weakness as a side effect."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from cds_service.therapy.calendar import When, whole_months_between
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.dosing import DoseEntry, dose_changes
from cds_service.therapy.fact import Fact, absent, known
from cds_service.therapy.quantities import plain
from cds_service.therapy.record import (
    DrugClass,
    DrugUse,
    Evidence,
    PumpEventKind,
    SurgeryKind,
    TherapyRecord,
)
from cds_service.therapy.signs import Sign, Vital, VitalReading
from cds_service.therapy.symptoms import (
    Item,
    Symptoms,
    absent_words,
    any_of,
    earlier_vitals,
    finding,
    from_signs,
    happened_within,
    measured,
    newest_temperature,
    not_assessed_words,
    present_words,
    proofs,
)

NamedFacts = Iterator[tuple[str, Fact]]
_MONTHS = 12
_FULL_SCORE = 15
_WEAKNESS, _DROWSINESS = "very loose or weak muscles", "drowsiness"
_CONFUSION = "confusion or altered mental state"
_PRESSURE, _COLD = "low blood pressure", "low body temperature"
_BREATHING, _UNCONSCIOUS = "difficulty breathing", "loss of consciousness"
_SCORE = "fall of the Glasgow Coma Scale"
_GRAVE = {_PRESSURE, _COLD, _BREATHING, _UNCONSCIOUS, _SCORE}
_EVENT_SOURCES = ("medicationAdministrations", "procedures", "observations", "medicationRequests")


def overdose_facts(
    record: TherapyRecord,
    found: Symptoms,
    doses: tuple[DoseEntry, ...],
    thresholds: Thresholds,
    now: datetime,
) -> NamedFacts:
    """Every `overdose.*` fact. `doses` are those of the present pump, oldest first."""
    events = overdose_events(record, doses, thresholds, now)
    missing = [key for key in _EVENT_SOURCES if key in record.unread]
    unread = f"{missing[0]} could not be read" if missing else ""
    told = [proof for _, proof in events]
    yield "overdose.eventRecent", finding(bool(events), unread, told)
    yield "overdose.events", known("; ".join(words for words, _ in events), *told)
    is_child = _is_child(record, thresholds, now)
    items = overdose_items(record, found, thresholds, now, bool(is_child))
    yield from _item_facts(items, found, thresholds)
    yield "overdose.isChild", known(is_child is True)
    yield "overdose.ageUnknown", known(is_child is None)
    drugs = _depressants(record)
    names = known("; ".join(drugs), *drugs.values())
    yield "overdose.depressants", names


def _item_facts(items: tuple[Item, ...], found: Symptoms, thresholds: Thresholds) -> NamedFacts:
    present = [item for item in items if item.present]
    evidence, unread = proofs(items), found.unread
    named = {item.name for item in present}
    several = int(thresholds["overdoseSignsTogether"])
    yield "overdose.signs", known(len(present), *evidence)
    yield "overdose.someSigns", finding(len(present) >= several, unread, evidence)
    yield "overdose.weakness", finding(_WEAKNESS in named, unread, evidence)
    yield "overdose.otherThanWeakness", finding(bool(named - {_WEAKNESS}), unread, evidence)
    yield "overdose.graveSign", finding(bool(named & _GRAVE), unread, evidence)
    yield "overdose.signsFound", known(present_words(items), *evidence)
    yield "overdose.signsAbsent", known(absent_words(items))
    yield "overdose.signsNotAssessed", known(not_assessed_words(items))


def overdose_items(
    record: TherapyRecord, found: Symptoms, thresholds: Thresholds, now: datetime, is_child: bool
) -> tuple[Item, ...]:
    """The signs of overdose that S-57 of the source lists, confusion and the coma score."""
    low = None if is_child else thresholds["lowSystolicPressure"]
    slow = None if is_child else thresholds["lowRespiratoryRate"]
    return (
        from_signs(found, _DROWSINESS, Sign.DROWSINESS),
        from_signs(found, _CONFUSION, Sign.ALTERED_MENTAL_STATE),
        from_signs(found, _WEAKNESS, Sign.WEAKNESS),
        from_signs(found, "difficulty standing, sitting up or moving", Sign.DIFFICULTY_STANDING),
        any_of(
            _PRESSURE,
            _below(found.vitals.get(Vital.SYSTOLIC_PRESSURE), low, "systolic {} mm Hg"),
            from_signs(found, "", Sign.LOW_PRESSURE),
        ),
        any_of(_COLD, _cold(found, thresholds), from_signs(found, "", Sign.HYPOTHERMIA)),
        any_of(
            _BREATHING,
            from_signs(found, "", Sign.BREATHING),
            _below(found.vitals.get(Vital.RESPIRATORY_RATE), slow, "{} breaths a minute"),
            _below(
                found.vitals.get(Vital.OXYGEN_SATURATION),
                thresholds["lowOxygenSaturation"],
                "oxygen saturation {} %",
            ),
        ),
        from_signs(found, _UNCONSCIOUS, Sign.UNCONSCIOUS),
        _score_fall(record, found, thresholds, now),
        from_signs(found, "seizure", Sign.SEIZURE),
    )


def _below(reading: VitalReading | None, limit: Decimal | None, words: str) -> Item | None:
    """The measurement against its limit; None when it was not taken or no limit holds."""
    if reading is None or limit is None:
        return None
    figure = words.format(plain(reading.value))
    return measured("", reading.value < limit, reading.evidence, figure)


def _cold(found: Symptoms, thresholds: Thresholds) -> Item | None:
    newest = newest_temperature(found)
    if newest is None or newest.value is None:
        return None
    is_low = newest.value < thresholds["lowTemperatureCelsius"]
    return measured("", is_low, newest.evidence, f"{plain(newest.value)} °C")


def _score_fall(
    record: TherapyRecord, found: Symptoms, thresholds: Thresholds, now: datetime
) -> Item:
    """A score below 15 and below the patient's own earlier one; with none earlier it counts."""
    newest = found.vitals.get(Vital.GLASGOW_COMA_SCORE)
    if newest is None:
        return Item(_SCORE, None)
    hours = int(thresholds["symptomLookBackHours"])
    earlier = earlier_vitals(record, newest, now, hours)
    has_fallen = newest.value < _FULL_SCORE and (not earlier or newest.value < max(earlier))
    before = f", earlier {plain(max(earlier))}" if earlier else ", no earlier one"
    return measured(_SCORE, has_fallen, newest.evidence, f"to {plain(newest.value)}{before}")


def overdose_events(
    record: TherapyRecord, doses: tuple[DoseEntry, ...], thresholds: Thresholds, now: datetime
) -> list[tuple[str, Evidence]]:
    """What can have raised the dose inside the window, each with its date."""
    hours = int(thresholds["overdoseWindowHours"])
    events = [("refill", fill.when, fill.evidence) for fill in record.fills]
    events += [
        (f"{surgery.kind.value} of pump or catheter", surgery.when, surgery.evidence[0])
        for surgery in record.surgeries
        if surgery.kind is not SurgeryKind.EXPLANT
    ]
    events += [
        (event.kind.value, event.when, event.evidence)
        for event in record.events
        if event.kind in (PumpEventKind.REPROGRAMMING, PumpEventKind.MRI)
    ]
    events += [
        (f"{'given' if use.was_given else 'new'} CNS depressant: {use.name}", when, use.evidence)
        for use, when in _new_depressants(record, now, hours)
    ]
    events += [
        (f"dose change {_step(before, after)}", after.evidence.when, after.evidence)
        for before, after in dose_changes(doses)
        if after.evidence.when
    ]
    return [
        (f"{words} ({when})", proof)
        for words, when, proof in events
        if happened_within(when, now, hours)
    ]


def _new_depressants(
    record: TherapyRecord, now: datetime, hours: int
) -> Iterator[tuple[DrugUse, When]]:
    """What was prescribed or given; a dose of what was prescribed before the window is no news."""
    uses = [
        (use, use.started)
        for use in record.drug_uses
        if use.drug_class is DrugClass.CNS_DEPRESSANT and use.started
    ]
    usual = {
        use.name
        for use, when in uses
        if not use.was_given and not happened_within(when, now, hours)
    }
    for use, when in uses:
        if not (use.was_given and use.name in usual):
            yield use, when


def _step(before: DoseEntry, after: DoseEntry) -> str:
    return f"from {before.dose} to {after.dose}"


def weakness_facts(
    doses: tuple[DoseEntry, ...], thresholds: Thresholds, now: datetime
) -> NamedFacts:
    """Every `weakness.*` fact: the last dose change, when it was an increase."""
    names = ("increaseDate", "daysSinceIncrease", "increasePercent", "doseStep")
    changes = dose_changes(doses)
    before, after = changes[-1] if changes else (None, None)
    if not before or not after or not before.dose or not after.dose or after.dose < before.dose:
        yield "weakness.doseIncreased", known(False)
        for name in names:
            yield f"weakness.{name}", absent("the last dose change on record is no increase")
        return
    old, new = before.dose.value, after.dose.value
    percent = ((new - old) * 100 / old).quantize(Decimal("0.1"))
    days = (now.date() - after.start).days
    proof = (before.evidence, after.evidence)
    is_recent = days <= thresholds["doseIncreaseDays"]
    yield "weakness.doseIncreased", known(is_recent, *proof)
    yield "weakness.increaseDate", known(after.start, *proof)
    yield "weakness.daysSinceIncrease", known(days, *proof)
    yield "weakness.increasePercent", known(percent, *proof)
    yield "weakness.doseStep", known(_step(before, after), *proof)


def _is_child(record: TherapyRecord, thresholds: Thresholds, now: datetime) -> bool | None:
    """Whether the patient is under age on every day that the birth date can mean; None: unknown."""
    born = record.birth_date
    if born is None:
        return None
    adult = int(thresholds["adultFromAge"])
    is_adult = {
        whole_months_between(day, now.date()) >= adult * _MONTHS for day in (born.first, born.last)
    }
    return None if len(is_adult) > 1 else not is_adult.pop()


def _depressants(record: TherapyRecord) -> dict[str, Evidence]:
    return {
        use.name: use.evidence
        for use in record.drug_uses
        if use.drug_class is DrugClass.CNS_DEPRESSANT and use.stopped is None
    }
