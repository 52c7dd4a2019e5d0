"""Devices and what shows a pump at all."""

import re

from cds_service.fhir.chart import Chart, evidence
from cds_service.fhir.concepts import codes, words
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import Device
from cds_service.fhir.terminology.devices import (
    DECOY_DEVICES,
    NOT_A_PUMP,
    PUMP_DEVICES,
    PUMP_WORDS,
    is_catheter_only,
)
from cds_service.fhir.versions import is_sent
from cds_service.therapy.devices import MODELS, SYNCHROMED_II, PumpModel
from cds_service.therapy.record import Pump

_NOT_IN_PLACE = {"inactive", "entered-in-error"}


def read_pumps(chart: Chart, source: Source[Device]) -> tuple[Pump, ...]:
    """The implanted ITB pumps among the patient's active devices.

    A device that cannot be read as R4 is reported: it might have been the pump.
    """
    pumps = []
    for device in chart.own(source, Device, lambda found: found.patient):
        if device.status in _NOT_IN_PLACE or not is_pump(device):
            continue
        if is_sent(device.model, device.udi):
            chart.report(source.key, device, "is not FHIR R4 (it has elements of another version)")
        model = model_of(device)
        name = f"{model.name} {model.number}" if model else "model not recorded"
        pumps.append(Pump(evidence(device, f"implanted pump, {name}", None), model))
    return tuple(pumps)


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
    ] + [words(device.type)]
    told = " ".join(parts).upper()
    for number, model in MODELS.items():
        named = number in told and re.search(rf"(?<!\w){number}(?!\w)", told)
        if named and ("-" in number or _is_flowonix(device, told)):
            return model
    if (device.modelNumber or "").strip() == "8637" or "SYNCHROMED II" in told.replace(
        "SYNCHROMED III", ""
    ):
        return SYNCHROMED_II
    return None


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
