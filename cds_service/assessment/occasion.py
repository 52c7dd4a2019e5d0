"""Why a patient is assessed: the hook, and what its user is about to order or to book."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Raw

from cds_service.guidance.plan import WORKLIST

__all__ = ["WORKLIST", "Occasion"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """The hook that is answered, or `WORKLIST`.

    `proposed` maps members of the hook's context that hold FHIR Bundles (`draftOrders`,
    `appointments`) to their JSON, undecoded; `selections` are the `Type/id` just picked among them.
    """

    hook: str
    proposed: Mapping[str, Raw] = field(default_factory=dict)
    selections: tuple[str, ...] = ()
