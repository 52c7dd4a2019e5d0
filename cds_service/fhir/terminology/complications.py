"""Diagnosed complications of pump, catheter and pocket.

ICD-10-CM names the intrathecal pump (..5) and the spinal infusion catheter (..0) in the inclusion
terms of T85.6; T85.89 includes the breakdown of a device pocket (list of April 2026). T42.8X6A is
underdosing of the class of drugs that baclofen belongs to.
"""

from cds_service.fhir.terminology.systems import ICD10CM, SNOMED, Code, coded
from cds_service.therapy.record import ComplicationKind

_PUMP = coded(ICD10CM, "T85.615A", "T85.625A", "T85.635A", "T85.695A")
_CATHETER = coded(ICD10CM, "T85.610A", "T85.620A", "T85.630A", "T85.690A")
_SKIN = coded(ICD10CM, "T85.890A")
_UNDERDOSING = coded(ICD10CM, "T42.8X6A")
_LEAK = coded(ICD10CM, "G96.09", "G96.00", "G97.0") | coded(SNOMED, "230744007")

COMPLICATIONS: dict[Code, ComplicationKind] = {
    **dict.fromkeys(_PUMP, ComplicationKind.PUMP_FAULT),
    **dict.fromkeys(_CATHETER, ComplicationKind.CATHETER_FAULT),
    **dict.fromkeys(_SKIN, ComplicationKind.SKIN_BREAKDOWN),
    **dict.fromkeys(_UNDERDOSING, ComplicationKind.UNDERDOSING),
    **dict.fromkeys(_LEAK, ComplicationKind.CSF_LEAK),
}
