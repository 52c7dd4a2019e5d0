"""Code systems under their usual names, and the names others give them."""

from cds_service import CANONICAL_BASE

SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
ROUTE = "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration"
V2_ROUTE = "http://terminology.hl7.org/CodeSystem/v2-0162"
PUMP_OBSERVATION = f"{CANONICAL_BASE}/CodeSystem/itb-pump-observation"
VISIT = f"{CANONICAL_BASE}/CodeSystem/itb-visit"

MODEL_NUMBER = "modelNumber"
UDI_DI = "udi-di"
"""Not FHIR systems: how a site's settings name Device.modelNumber and a UDI's device identifier."""

SYSTEM_ALIASES = {
    "http://www.cms.gov/Medicare/Coding/medhcpcsgeninfo": HCPCS,
    "urn:oid:2.16.840.1.113883.6.12": CPT,
    "urn:oid:2.16.840.1.113883.6.4": ICD10PCS,
    "urn:oid:2.16.840.1.113883.6.90": ICD10CM,
    "urn:oid:2.16.840.1.113883.6.69": NDC,
    "urn:oid:2.16.840.1.113883.6.88": RXNORM,
}
"""Other names under which records give the same code systems."""

Code = tuple[str, str]


def coded(system: str, *codes: str) -> frozenset[Code]:
    """The codes of one system as (system, code) pairs."""
    return frozenset((system, code) for code in codes)


# "intrathecal", "intratekal", "intrathekal", "intratecal", "intrathecaal", "intrathécal"
INTRATHECAL = "intra[- ]?th?(?:é|e\N{COMBINING ACUTE ACCENT}?)[ck]+h?aa?l"
