"""What contradicts itself or could not be checked."""

from cds_service.therapy.vocabulary.terms import number, text

FACTS = (
    number("data.conflicts", "", "contradictions found in the record"),
    text("data.conflictList", "those contradictions, as a Markdown list"),
    number("data.unchecked", "", "things that could not be read or decided"),
    text("data.uncheckedAreas", "what they concern, in a few words", "refill, battery, wound"),
    text("data.uncheckedList", "each with its reason, as a Markdown list"),
)
