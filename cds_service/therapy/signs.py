"""Signs, symptoms and vital signs as a chart records them: what was seen or measured, and when."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from cds_service.therapy.calendar import When
from cds_service.therapy.evidence import Evidence


class Sign(StrEnum):
    """Signs and symptoms; the words of CodeSystem itb-pump-observation."""

    DISCOLORATION = "incision-discoloration"
    SWELLING = "incision-swelling"
    DRAINAGE = "incision-drainage"
    PAIN = "incision-pain"
    SKIN_BREAKDOWN = "skin-breakdown"
    EXPOSED_HARDWARE = "exposed-hardware"
    DEHISCENCE = "wound-dehiscence"
    FEVER = "fever"
    NECK_STIFFNESS = "neck-stiffness"
    PHOTOPHOBIA = "photophobia"
    SEVERE_HEADACHE = "severe-headache"
    ALTERED_MENTAL_STATE = "altered-mental-state"
    SEIZURE = "seizure"
    POSITIVE_WOUND_CULTURE = "positive-wound-culture"
    POSITIVE_CSF_CULTURE = "positive-csf-culture"
    ITCHING = "itching"
    RASH = "rash"
    SWEATING = "sweating"
    SPASTICITY = "spasticity-increased"
    RIGIDITY = "rigidity"
    DIZZINESS = "dizziness"
    NAUSEA = "nausea"
    SEVERE_DISCOMFORT = "severe-discomfort"
    DROWSINESS = "drowsiness"
    WEAKNESS = "muscle-weakness"
    DIFFICULTY_STANDING = "difficulty-standing"
    LOW_PRESSURE = "low-blood-pressure"
    HYPOTHERMIA = "hypothermia"
    BREATHING = "breathing-difficulty"
    UNCONSCIOUS = "loss-of-consciousness"


@dataclass(frozen=True, slots=True)
class SignReading:
    """A sign asked about on a date: present or absent. Not asked is no reading at all.

    `was_examined` is False for a diagnosis, which does not show that somebody looked that day.
    `suggests_leak`: clear drainage, or a headache that comes on sitting up.
    """

    sign: Sign
    present: bool
    when: When
    evidence: Evidence
    increasing: bool = False
    was_examined: bool = True
    suggests_leak: bool = False


class Vital(StrEnum):
    """Vital signs and scores that bear on overdose and withdrawal, each with its unit."""

    SYSTOLIC_PRESSURE = "systolic blood pressure (mm Hg)"
    RESPIRATORY_RATE = "breaths a minute"
    OXYGEN_SATURATION = "oxygen saturation (%)"
    GLASGOW_COMA_SCORE = "Glasgow Coma Scale"
    PAIN_SCORE = "pain, 0 to 10"


@dataclass(frozen=True, slots=True)
class VitalReading:
    """A vital sign as measured, in the unit of its kind."""

    vital: Vital
    value: Decimal
    when: When
    evidence: Evidence
