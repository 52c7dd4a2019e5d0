"""What a vendor's FHIR server adds to each resource and this service has no use for."""

from uuid import UUID, uuid5

from cds_service.demo_clinic.coding import TERMINOLOGY, Resource, concept

_IDS = UUID("6d0f1f4b-6c3f-4b39-9b7a-2c52f3a1e0aa")
_OID = "urn:oid:1.2.840.114350.1.13.999.2.7"
_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition"


def dressed(resource: Resource) -> Resource:
    """The resource with meta, narrative, extension, identifier and the vendor's own elements."""
    kind, id_ = str(resource["resourceType"]), str(resource["id"])
    own_identifier = {"use": "usual", "system": f"{_OID}.798268", "value": _uuid(id_, 1)}
    whole = {
        "resourceType": kind,
        "id": id_,
        "meta": {"versionId": "3", "lastUpdated": "2026-10-04T11:42:17.913+00:00"},
        "text": {"status": "generated", "div": _narrative(kind, id_)},
        "extension": [{"url": "https://ehr.example.org/origin", "valueCode": "interface"}],
        **_OF_KIND[kind](id_),
        **resource,
        "identifier": [*resource.get("identifier", ()), own_identifier],
    }
    for name in ("code", "medicationCodeableConcept", "type"):
        if name in whole:
            whole[name] = _with_own_coding(whole[name])
    return whole


def _with_own_coding(coded: Resource) -> Resource:
    name = coded["text"]
    own = {"system": f"{_OID}.2.696580", "code": str(1000 + len(name)), "display": name}
    return {**coded, "coding": [own, *coded["coding"]]}


def _narrative(kind: str, id_: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><b>{kind} {id_}</b>, Zürich. </div>'


def _patient(_id: str) -> Resource:
    def told(name: str, code: str, text: str) -> Resource:
        coding = {"system": "urn:oid:2.16.840.1.113883.6.238", "code": code, "display": text}
        parts = [
            {"url": "ombCategory", "valueCoding": coding},
            {"url": "text", "valueString": text},
        ]
        return {"url": f"{_US_CORE}/us-core-{name}", "extension": parts}

    return {
        "extension": [
            told("race", "2106-3", "White"),
            told("ethnicity", "2186-5", "Not Hispanic or Latino"),
            {"url": f"{_US_CORE}/us-core-birthsex", "valueCode": "M"},
        ],
        "telecom": [
            {"system": "phone", "value": "555-0100", "use": "home"},
            {"system": "email", "value": "benno@example.org"},
        ],
        "address": [
            {
                "use": "home",
                "line": ["1 Example Street"],
                "city": "Springfield",
                "state": "MA",
                "postalCode": "01101",
                "country": "US",
                "period": {"start": "2014-03-01"},
            }
        ],
        "maritalStatus": concept(f"{TERMINOLOGY}/v3-MaritalStatus", "M", "Married"),
        "communication": [
            {"language": concept("urn:ietf:bcp:47", "en", "English"), "preferred": True}
        ],
        "generalPractitioner": [_practitioner("Pat Primary")],
        "managingOrganization": {"reference": "Organization/eOrg", "display": "Example Health"},
    }


def _device(id_: str) -> Resource:
    return {
        "udiCarrier": [
            {
                "deviceIdentifier": "00000000000017",
                "issuer": "http://hl7.org/fhir/NamingSystem/gs1-di",
                "carrierHRF": f"(01)00000000000017(21){_uuid(id_, 3)[:8]}",
            }
        ],
        "manufactureDate": "2019-11-02",
        "lotNumber": "L7731",
        "serialNumber": _uuid(id_, 4)[:10],
        "owner": {"reference": "Organization/eOrg", "display": "Example Health"},
    }


def _administration(id_: str) -> Resource:
    return {
        "category": _category("medication-admin-category", "outpatient"),
        "context": _encounter(),
        "performer": [{"actor": _practitioner("Nora Nurse")}],
        "request": {"reference": f"MedicationRequest/{_uuid(id_, 5)[:20]}"},
    }


def _observation(_id: str) -> Resource:
    return {
        "category": [_category("observation-category", "vital-signs")],
        "encounter": _encounter(),
        "issued": "2026-10-04T11:42:17.913Z",
        "performer": [_practitioner("Nora Nurse")],
    }


def _procedure(_id: str) -> Resource:
    return {
        "category": {"coding": [_OTHER_PROCEDURE], "text": "Ambulatory"},
        "encounter": _encounter(),
        "recorder": _practitioner("Sol Surgeon"),
        "performer": [{"actor": _practitioner("Sol Surgeon")}],
        "location": {"reference": "Location/eLoc", "display": "Main campus, room 3"},
        "reasonCode": [{"text": "As planned"}],
    }


def _condition(_id: str) -> Resource:
    return {
        "severity": {"text": "Moderate"},
        "encounter": _encounter(),
        "onsetDateTime": "2015-06-01",
        "recorder": _practitioner("Pat Primary"),
        "asserter": _practitioner("Pat Primary"),
    }


_OTHER_PROCEDURE = {
    "system": "http://snomed.info/sct",
    "code": "103693007",
    "display": "Diagnostic procedure",
}
_OF_KIND = {
    "Patient": _patient,
    "Device": _device,
    "MedicationAdministration": _administration,
    "Observation": _observation,
    "Procedure": _procedure,
    "Condition": _condition,
}


def _category(system: str, code: str) -> Resource:
    return {"coding": [{"system": f"{TERMINOLOGY}/{system}", "code": code}]}


def _encounter() -> Resource:
    return {"reference": "Encounter/eEnc1"}


def _practitioner(name: str) -> Resource:
    return {"reference": f"Practitioner/e{name.split()[1]}", "display": name}


def _uuid(id_: str, number: int = 0) -> str:
    return str(uuid5(_IDS, f"{id_}/{number}"))
