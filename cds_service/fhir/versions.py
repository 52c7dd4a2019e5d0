"""Elements of STU3 and R5, which betray a resource of another version of FHIR.

Such a resource is refused and reported, never guessed: the same name can mean something else.
"""

from msgspec import Raw

from cds_service.fhir.terminology.visits import visit_in_words

NOT_R4 = "is not FHIR R4 (it has elements of another version); not used"


def is_sent(*elements: Raw) -> bool:
    """True when any of the elements is in the resource, whatever it holds."""
    return any(bytes(element) for element in elements)


def may_name_a_visit(*elements: Raw) -> bool:
    """True when the undecoded elements hold the name of an ITB visit."""
    told = " ".join(bytes(element).decode(errors="replace") for element in elements)
    return "itb-visit" in told or visit_in_words(told) is not None
