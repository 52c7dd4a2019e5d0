"""The value sets that a site can extend with codes of its own, and the check of such codes."""

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.errors import SettingsError
from cds_service.fhir.concepts import usual_code
from cds_service.fhir.elements import Coding
from cds_service.fhir.pump_readings import PUMP_READERS
from cds_service.fhir.terminology import (
    causes,
    devices,
    drugs,
    findings,
    operations,
    spasticity,
)
from cds_service.fhir.terminology.complications import COMPLICATIONS
from cds_service.fhir.terminology.events import EVENT_CODES
from cds_service.fhir.terminology.rejected import REJECTED
from cds_service.fhir.terminology.systems import (
    CPT,
    HCPCS,
    ICD10CM,
    ICD10PCS,
    LOINC,
    MODEL_NUMBER,
    PUMP_OBSERVATION,
    RXNORM,
    SNOMED,
    VISIT,
    Code,
)
from cds_service.fhir.translation import SiteCodes
from cds_service.therapy.devices import MODELS
from cds_service.therapy.record import Alarm, ComplicationKind, PumpEventKind, VisitKind
from cds_service.therapy.signs import Sign


@dataclass(frozen=True, slots=True)
class ValueSet:
    """`meaning` is the coding that a site's code is read as; `codes` are in the set already."""

    meaning: Coding
    codes: frozenset[Code] = frozenset()


def _of(system: str, code: str, codes: frozenset[Code]) -> ValueSet:
    return ValueSet(Coding(system, code), codes)


def _own(system: str, code: str) -> ValueSet:
    return ValueSet(Coding(system, code), frozenset({(system, code)}))


def _complications(code: str, kind: ComplicationKind) -> ValueSet:
    same = frozenset(found for found, meant in COMPLICATIONS.items() if meant is kind)
    return _of(ICD10CM, code, same)


def _events(kind: PumpEventKind) -> frozenset[Code]:
    refills = operations.REFILL_PROCEDURES | operations.MEDIUM_REFILLS
    return frozenset(found for found, meant in EVENT_CODES.items() if meant is kind) - refills


_MEDICAL = {
    "pump-devices": _of(SNOMED, "360041000", devices.PUMP_DEVICES),
    "decoy-devices": _of(SNOMED, "433296005", devices.DECOY_DEVICES),
    "pump-insertions": _of(CPT, "62362", operations.PUMP_INSERTIONS | operations.MEDIUM_INSERTIONS),
    "pump-replacements": _of(HCPCS, "E0786", operations.PUMP_REPLACEMENTS),
    "pump-removals": _of(
        ICD10PCS, "0JPT0VZ", operations.PUMP_REMOVALS | operations.MEDIUM_REMOVALS
    ),
    "catheter-insertions": _of(CPT, "62350", operations.CATHETER_INSERTIONS),
    "pump-revisions": _of(ICD10PCS, "0JWT0VZ", operations.REVISIONS),
    "refill-procedures": _of(
        CPT, "95990", operations.REFILL_PROCEDURES | operations.MEDIUM_REFILLS
    ),
    "intrathecal-routes": _of(SNOMED, "72607000", drugs.INTRATHECAL_ROUTES),
    "intrathecal-baclofen": _of(
        RXNORM, "308517", drugs.INTRATHECAL_BACLOFEN | drugs.INTRATHECAL_BACLOFEN_MEDIUM
    ),
    "screening-baclofen": _of(HCPCS, "J0476", drugs.SCREENING_BACLOFEN),
    "oral-baclofen": _of(RXNORM, "2593376", drugs.ORAL_BACLOFEN),
    "device-infections": _of(ICD10CM, "T85.738A", findings.DEVICE_INFECTIONS),
    "pump-faults": _complications("T85.615A", ComplicationKind.PUMP_FAULT),
    "catheter-faults": _complications("T85.610A", ComplicationKind.CATHETER_FAULT),
    "device-erosions": _complications("T85.890A", ComplicationKind.SKIN_BREAKDOWN),
    "csf-leaks": _complications("G96.09", ComplicationKind.CSF_LEAK),
    "pump-interrogations": _of(CPT, "62367", _events(PumpEventKind.INTERROGATION)),
    "pump-reprogrammings": _of(CPT, "62368", _events(PumpEventKind.REPROGRAMMING)),
    "csf-procedures": _of(SNOMED, "277762005", _events(PumpEventKind.CSF_PROCEDURE)),
    # No code was verified: the words of the display are what is read.
    "mri-scans": ValueSet(Coding(display="magnetic resonance imaging")),
    "body-temperature": _of(LOINC, "8310-5", findings.BODY_TEMPERATURE),
    "blood-pressure": _of(LOINC, "85354-9", findings.BLOOD_PRESSURE),
    "systolic-pressure": _of(LOINC, "8480-6", findings.SYSTOLIC_PRESSURE),
    "respiratory-rate": _of(LOINC, "9279-1", findings.RESPIRATORY_RATE),
    "oxygen-saturation": _of(LOINC, "59408-5", findings.OXYGEN_SATURATION),
    "glasgow-coma-score": _of(LOINC, "9269-2", findings.GLASGOW_COMA_SCORE),
    "pain-score": _of(LOINC, "72514-3", findings.PAIN_SCORE),
    "rash": ValueSet(Coding(SNOMED, "271807003")),
    "rigidity": ValueSet(Coding(SNOMED, "16046003")),
    "low-blood-pressure": ValueSet(Coding(SNOMED, "45007003")),
    "hypothermia": ValueSet(Coding(SNOMED, "386689009")),
    **{
        cause.replace(" ", "-"): _of(SNOMED, code, causes.codes_of(cause))
        for cause, code in causes.READ_AS.items()
    },
    "cns-depressants": ValueSet(Coding(display="CNS depressant")),
    "spasticity": _of(SNOMED, "221360009", spasticity.SPASTICITY),
    "severity-severe": _of(SNOMED, "24484000", spasticity.SEVERE),
    "severity-less": _of(SNOMED, "6736007", spasticity.LESS_THAN_SEVERE),
    # Its display names the pump: the site says of which wound it speaks.
    "wound-dehiscence": ValueSet(
        Coding(SNOMED, "225553008", "dehiscence of the wound over the pump"),
        frozenset(findings.SIGN_CODES_AT_SITE),
    ),
}
_MODELS = {
    f"pump-model-{number}": ValueSet(
        Coding(MODEL_NUMBER, number, f"{model.name} {number}"), frozenset({(MODEL_NUMBER, number)})
    )
    for number, model in MODELS.items()
}
VALUE_SETS: Mapping[str, ValueSet] = {
    **_MEDICAL,
    **_MODELS,
    **{
        sign.value: _own(PUMP_OBSERVATION, sign.value)
        for sign in Sign
        if (PUMP_OBSERVATION, sign.value) in findings.SIGN_CODES
    },
    **{name: _own(PUMP_OBSERVATION, name) for name in PUMP_READERS},
    spasticity.ASHWORTH_SCALE: _own(PUMP_OBSERVATION, spasticity.ASHWORTH_SCALE),
    **{code: _own(system, code) for system, code in spasticity.ASHWORTH_GRADES},
    **{f"alarm-{alarm.value}": _own(PUMP_OBSERVATION, alarm.value) for alarm in Alarm},
    **{kind.value: _own(VISIT, kind.value) for kind in VisitKind},
}
"""Every value set by the name that the site's settings use."""

_KNOWN: Mapping[Code, str] = {
    **dict.fromkeys(findings.SIGN_CODES, "the signs"),
    **{code: name for name, found in VALUE_SETS.items() for code in found.codes},
}


def site_codes(named: Mapping[str, tuple[Code, ...]], origin: str) -> SiteCodes:
    """What each code in the site's table is read as. Raises SettingsError."""
    meant: dict[Code, Coding] = {}
    sets: dict[Code, str] = {}
    for name, codes in named.items():
        found = VALUE_SETS.get(name)
        if found is None:
            raise SettingsError(
                f"{origin}: value_sets.{name}: found an unknown value set, expected one of "
                f"{', '.join(sorted(VALUE_SETS))}. Correct its name or remove it."
            )
        for system, code in codes:
            usual = usual_code(system, code)
            _check(usual, name, sets, origin)
            sets[usual] = name
            meant[usual] = found.meaning
    return meant


def _check(code: Code, name: str, taken: Mapping[Code, str], origin: str) -> None:
    """Raises SettingsError for a code whose meaning is settled already."""
    if code in REJECTED:
        found, remedy = f"which stands for {REJECTED[code]}", "Map the code that the site uses"
    elif code in taken:
        found, remedy = f"which {taken[code]} lists too", "Keep it in one of them"
    elif code in _KNOWN:
        found, remedy = f"which {_KNOWN[code]} holds already", "Remove it"
    else:
        return
    raise SettingsError(
        f"{origin}: value_sets.{name}: found {'|'.join(code)}, {found}, expected a code of the "
        f"site's own. {remedy}."
    )
