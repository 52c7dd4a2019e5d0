"""Codes that look right and are not: never read as ITB therapy, and no site can map them."""

from cds_service.fhir.terminology.systems import CPT, ICD10CM, RXNORM, SNOMED, Code

REJECTED: dict[Code, str] = {
    (SNOMED, "433296005"): "an infusion pump for intravenous fluids",
    (SNOMED, "69805005"): "an insulin pump",
    (SNOMED, "25937001"): "a neurostimulator",
    (SNOMED, "303497001"): "a urogenital implant",
    (SNOMED, "271564009"): "a code whose meaning nobody confirmed",
    (RXNORM, "8163"): "not baclofen",
    (RXNORM, "197391"): "an oral tablet",
    (RXNORM, "197392"): "an oral tablet",
    (RXNORM, "2593376"): "an oral suspension",
    (ICD10CM, "T85.72XA"): "an infection due to an insulin pump",
    (CPT, "96522"): "the refill of a pump for systemic delivery",
}
"""What each of them stands for."""
