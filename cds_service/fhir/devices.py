"""Devices and what shows a pump at all."""

import re
from typing import Any

import msgspec

from cds_service.fhir.chart import Chart, evidence
from cds_service.fhir.concepts import codes, words
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import CodedExtension, Device, Procedure
from cds_service.fhir.terminology.devices import (
    DECOY_DEVICES,
    NOT_A_PUMP,
    PUMP_DEVICES,
    PUMP_WORDS,
    is_catheter_only,
)
from cds_service.fhir.versions import is_sent
from cds_service.therapy.devices import MODELS, PROMETRA, SYNCHROMED_II, SYNCHROMED_III, PumpModel
from cds_service.therapy.record import Pump, Surgery, SurgeryKind

_NOT_IN_PLACE = {"inactive", "entered-in-error"}


def read_pumps(
    chart: Chart,
    source: Source[Device],
    procedures: Source[Any],
    surgeries: tuple[Surgery, ...],
) -> tuple[Pump, ...]:
    """The implanted ITB pumps among the patient's active devices, without those replaced.

    A pump that is not in place any more is noted on the chart, so that its readings are known. A
    device that cannot be read as R4 is reported: it might have been the pump.
    """
    found: dict[str, Pump] = {}
    for device in chart.own(source, Device, lambda found: found.patient):
        if not is_pump(device):
            continue
        if device.status in _NOT_IN_PLACE:
            chart.other_pumps.add(device.id or "")
            continue
        if is_sent(device.model, device.udi):
            chart.report(source.key, device, "is not FHIR R4 (it has elements of another version)")
        found[device.id or f"unnamed {len(found)}"] = _pump(chart, source.key, device)
    present = _without_replaced(found, _named_last(procedures, surgeries), surgeries)
    chart.other_pumps.update(found.keys() - present.keys())
    return tuple(present.values())


def _pump(chart: Chart, key: str, device: Device) -> Pump:
    model = model_of(device)
    name = f"{model.name} {model.number}" if model else "model not recorded"
    made = None
    if device.manufactureDate:
        made = chart.when(key, device, device.manufactureDate, "its day of manufacture")
    is_faulty = _is_faulty(device)
    says = f"implanted pump, {name}" + (", recorded as not functional" if is_faulty else "")
    return Pump(evidence(device, says, None, _rung(device, model)), model, made, is_faulty)


def _rung(device: Device, model: PumpModel | None) -> str:
    """From which element the model is known."""
    if model is None:
        return "pump known, model not"
    if any(udi.deviceIdentifier or udi.carrierHRF for udi in device.udiCarrier):
        return ""
    if device.modelNumber or device.deviceName:
        return "model number or name"
    return "words of type or manufacturer"


def _is_faulty(device: Device) -> bool:
    """True when the implant status, an extension, says so; others are not even decoded."""
    sent = bytes(device.extension)
    if _IMPLANT_STATUS not in sent:
        return False
    try:
        extensions = msgspec.json.decode(sent, type=list[CodedExtension])
    except msgspec.MsgspecError:
        return False
    return any(
        (extension.url or "").encode().endswith(_IMPLANT_STATUS)
        and not _FAULTY.isdisjoint(code for _, code in codes(extension.valueCodeableConcept))
        for extension in extensions
    )


_IMPLANT_STATUS = b"/device-implantStatus"
_FAULTY = {"non-functional", "disabled"}


def _named_last(procedures: Source[Any], surgeries: tuple[Surgery, ...]) -> set[str]:
    """The devices that the latest implant or replacement names as put in."""
    put_in = [found for found in surgeries if found.kind in _PUTS_IN]
    latest = max(put_in, key=lambda found: found.when.first, default=None)
    told = {proof.reference for proof in latest.evidence} if latest else set()
    return {
        focal.manipulated.reference.rsplit("/", 1)[-1]
        for procedure in procedures.resources
        if isinstance(procedure, Procedure) and f"Procedure/{procedure.id}" in told
        for focal in procedure.focalDevice
        if focal.manipulated and focal.manipulated.reference
    }


_PUTS_IN = (SurgeryKind.IMPLANT, SurgeryKind.REPLACEMENT)


def _without_replaced(
    found: dict[str, Pump], named_last: set[str], surgeries: tuple[Surgery, ...]
) -> dict[str, Pump]:
    """The pumps less those that a recorded replacement took out, where it is known which.

    Named by the operation, else the one made last, else all: nobody can tell which is in place.
    """
    replaced = sum(each.kind is SurgeryKind.REPLACEMENT for each in surgeries)
    if not 1 < len(found) <= replaced + 1:
        return found
    named = {name: pump for name, pump in found.items() if name in named_last}
    if len(named) == 1:
        return named
    made = {name: pump.made.first for name, pump in found.items() if pump.made}
    newest = [name for name, day in made.items() if day == max(made.values())]
    if len(made) == len(found) and len(newest) == 1:
        return {newest[0]: found[newest[0]]}
    return found


def is_pump(device: Device) -> bool:
    """True for an implanted intrathecal pump by code, words or model; never for a look-alike."""
    coded = codes(device.type)
    told = _told(device)
    if not DECOY_DEVICES.isdisjoint(coded):
        return False
    if NOT_A_PUMP.search(told) or is_catheter_only(told):
        return False
    if model_of(device) is not None:
        return True
    named = PUMP_WORDS.search(told) or _MODEL_NUMBERS.search(_older_name(device))
    return not PUMP_DEVICES.isdisjoint(coded) or named is not None


def model_of(device: Device) -> PumpModel | None:
    """The pump model by model number, name or UDI, or None when it is not one we know."""
    parts = [device.modelNumber or "", *(name.name or "" for name in device.deviceName)]
    parts += [
        text for udi in device.udiCarrier for text in (udi.deviceIdentifier, udi.carrierHRF) if text
    ] + [words(device.type), device.manufacturer or ""]
    told = " ".join(parts).upper()
    for number, model in MODELS.items():
        named = number in told and re.search(rf"(?<!\w){number}(?!\w)", told)
        if named and ("-" in number or _is_flowonix(device, told)):
            return model
    if (device.modelNumber or "").strip() == "8637" or "SYNCHROMED II" in told.replace(
        "SYNCHROMED III", ""
    ):
        return SYNCHROMED_II
    if "SYNCHROMED III" in told:
        return SYNCHROMED_III
    return PROMETRA if "PROMETRA" in told else None


def _is_flowonix(device: Device, told: str) -> bool:
    """Five digits alone may be anyone's part number."""
    return (
        "PROMETRA" in told
        or "FLOWONIX" in (device.manufacturer or "").upper()
        or (not device.manufacturer and device.modelNumber in MODELS)
    )


def _told(device: Device) -> str:
    names = [name.name or "" for name in device.deviceName]
    return " / ".join(filter(None, [words(device.type), *names, _older_name(device)]))


def _older_name(device: Device) -> str:
    """What an older version of FHIR calls the device: it can be a pump, and is then reported."""
    parts = (bytes(part).decode(errors="replace") for part in (device.model, device.udi))
    return " / ".join(filter(None, parts))


_MODEL_NUMBERS = re.compile("|".join(number for number in MODELS if "-" in number))
