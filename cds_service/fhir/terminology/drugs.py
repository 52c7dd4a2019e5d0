"""Intrathecal baclofen: products, strengths, routes; oral baclofen is held apart."""

import re

from cds_service.fhir.terminology.systems import (
    HCPCS,
    INTRATHECAL,
    NDC,
    ROUTE,
    RXNORM,
    SNOMED,
    V2_ROUTE,
    coded,
)

INTRATHECAL_ROUTES = coded(SNOMED, "72607000") | coded(ROUTE, "IT", "ITINJ") | coded(V2_ROUTE, "IT")
_SCREENING_STRENGTH = 50
NDC_STRENGTHS = {
    "70121-2496-05": 50,
    "70121-2501-01": 500,
    "70121-2502-02": 2000,
    "70121-2503-01": 2000,
    "70121-2505-02": 2000,
    "66794-151-01": 50,
    "66794-157-01": 2000,
    "66794-157-02": 2000,
    "25021-679-20": 2000,
    "70511-121-80": 50,
    "72888-146-36": 1000,
}
"""Intrathecal baclofen products with their strength in mcg/mL (lioresal.com; openFDA drug/ndc)."""


def ndc_strength(code: str) -> int | None:
    """The strength in mcg/mL of a product code, written with hyphens or as 11 digits."""
    return NDC_STRENGTHS.get(code) or _STRENGTHS_BY_11_DIGITS.get(code)


def _eleven_digits(code: str) -> str:
    labeller, product, package = code.split("-")
    return labeller.zfill(5) + product.zfill(4) + package.zfill(2)


_STRENGTHS_BY_11_DIGITS = {_eleven_digits(code): mcg for code, mcg in NDC_STRENGTHS.items()}
INTRATHECAL_BACLOFEN = (
    coded(RXNORM, "1047437", "308517", "1666613")
    | coded(HCPCS, "J0475", "J0476")
    | coded(NDC, *NDC_STRENGTHS, *_STRENGTHS_BY_11_DIGITS)
)
INTRATHECAL_BACLOFEN_MEDIUM = coded(
    RXNORM,
    *("308516", "1300890", "1369783", "1369787", "1369791", "1666622", "1047440", "1047444"),
    *("1301627", "1369784", "1369788", "1369792", "1666615", "805678", "805679", "1666620"),
    "1666623",
)
SCREENING_BACLOFEN = (
    coded(HCPCS, "J0476")
    | coded(RXNORM, "1047437")
    | coded(NDC, *(code for code, mcg in NDC_STRENGTHS.items() if mcg == _SCREENING_STRENGTH))
)
ORAL_BACLOFEN = coded(RXNORM, "197391", "197392", "2593376")


OTHER_PUMP_DRUGS = re.compile(
    r"hydromorphon\w*|morphi?n\w*|ziconotid\w*|prialt|fentanyl\w*|sufentanil\w*|clonidin\w*"
    r"|bupivaca?in\w*",
    re.I,
)
SALINE = re.compile(r"\bsaline\b|sodium chloride|\bNaCl\b", re.I)
"""Drugs that are given by intrathecal pumps beside baclofen, by name; saline only flushes."""

BACLOFEN_WORDS = re.compile(r"ba[ck]lof|lioresal|gablofen|\bITB\b", re.I)
INTRATHECAL_WORDS = re.compile(INTRATHECAL, re.I)
ORAL_WORDS = re.compile(
    r"\b(?:per)?oral|\btab(?:let\w*)?s?\b|\bby mouth\b|suspension|granule|\bper os\b|comprim"
    r"|compress[ae]|einnehm|einzunehmen",
    re.I,
)
