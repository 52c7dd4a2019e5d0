"""A site's own codes, read as the codes that this service knows.

Translated once, where resources are decoded: everything that reads codes afterwards sees both, the
site's coding and the one it stands for.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, get_args

from msgspec import Struct, structs

from cds_service.fhir.concepts import usual_code
from cds_service.fhir.elements import CodeableConcept, Coding, Device, Resource
from cds_service.fhir.terminology.systems import MODEL_NUMBER, UDI_DI, Code

SiteCodes = Mapping[Code, Coding]
"""What each code of the site is read as."""

NO_SITE_CODES: SiteCodes = {}


def translate(resources: Iterable[Resource], site_codes: SiteCodes) -> None:
    """Adds to each CodeableConcept the coding that a site's code in it stands for.

    The resource is marked, so that what rests on it can say that the code was the site's.
    """
    for resource in resources:
        if isinstance(resource, Device):
            _name_device(resource, site_codes)
        for concept in _concepts_in(resource):
            meant = _meant(concept, site_codes)
            if meant:
                concept.coding.extend(meant)
                resource.site_coded = True


def _meant(concept: CodeableConcept, site_codes: SiteCodes) -> list[Coding]:
    found = []
    for coding in concept.coding:
        if coding.system and coding.code:
            meant = site_codes.get(usual_code(coding.system, coding.code))
            if meant is not None:
                found.append(meant)
    return found


def _name_device(device: Device, site_codes: SiteCodes) -> None:
    """Model numbers and device identifiers stand in elements of their own, without a system."""
    numbers = [(MODEL_NUMBER, device.modelNumber)]
    numbers += [(UDI_DI, udi.deviceIdentifier) for udi in device.udiCarrier]
    for system, number in numbers:
        meant = site_codes.get((system, number)) if number else None
        if meant is not None:
            device.type = device.type or CodeableConcept()
            device.type.coding.append(meant)
            device.site_coded = True


def _concepts_in(part: Struct) -> Iterator[CodeableConcept]:
    """Every CodeableConcept of a resource, however deep it stands."""
    for name in _names_with_concepts(type(part)):
        found = getattr(part, name)
        for each in found if isinstance(found, list) else (found,):
            if isinstance(each, CodeableConcept):
                yield each
            elif isinstance(each, Struct):
                yield from _concepts_in(each)


@lru_cache(maxsize=128)
def _names_with_concepts(kind: type[Struct]) -> tuple[str, ...]:
    """The elements of a kind that are, or hold, CodeableConcepts."""
    return tuple(
        found.name
        for found in structs.fields(kind)
        if any(
            issubclass(part, CodeableConcept) or _names_with_concepts(part)
            for part in _structs_in(found.type)
        )
    )


def _structs_in(declared: Any) -> list[type[Struct]]:
    if isinstance(declared, type) and issubclass(declared, Struct):
        return [declared]
    return [found for part in get_args(declared) for found in _structs_in(part)]
