"""What the EHRs take of a card. What a client does not take is left out and said in words.

Epic and Oracle Health as their documentation of 2021 to 2024 describes them; each site verifies.
"""

from dataclasses import dataclass

STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one kind of client takes.

    `creates`: the resource types a suggestion may create, None for any. `is_brief`: cards are shown
    so narrow that records, arithmetic, sources and, in long texts, explanations stay behind the
    card's link. `takes_app_context`: a link into the app may say what it is about.
    """

    name: str
    creates: frozenset[str] | None = None
    takes_override_reasons: bool = True
    is_brief: bool = False
    takes_app_context: bool = True

    def takes(self, resource_type: str) -> bool:
        """True when a suggestion may create this type of resource."""
        return self.creates is None or resource_type in self.creates


DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect(STANDARD),
        # Orders and problems only; a CarePlan, Task or Appointment is dropped without a word.
        Dialect("epic", creates=frozenset({"ServiceRequest", "Condition", "MedicationRequest"})),
        # Cards an eighth of the screen wide; a critical is a pop-up; suggestions are not mentioned.
        Dialect(
            "oracle",
            creates=frozenset(),
            takes_override_reasons=False,
            is_brief=True,
            takes_app_context=False,
        ),
    )
}
"""Every dialect by the name that a client's configuration uses."""
