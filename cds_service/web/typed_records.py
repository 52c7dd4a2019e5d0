"""What people typed in here, beside what an EHR sends: for hooks, `$apply` and pages alike."""

from collections.abc import Callable, Mapping

from cds_service.assessment import Assessment
from cds_service.errors import StoreError
from cds_service.fhir.added_records import with_added, with_gap
from cds_service.fhir.decoding import Sent
from cds_service.store.open_store import Store

GAP = "what was typed in here could not be read from the service's store"


def with_typed(
    store: Store | None, patient_id: str, assess: Callable[[Mapping[str, Sent]], Assessment]
) -> Callable[[Mapping[str, Sent]], Assessment]:
    """An assessment by what was sent and, of a patient with a pump, by what was typed in here.

    Without a store, or without a pump, nothing of ours is looked for.
    """

    def by(prefetch: Mapping[str, Sent]) -> Assessment:
        found = assess(prefetch)
        if store is None or not found.has_pump:
            return found
        try:
            typed = store.readings.resources(patient_id)
        except StoreError:
            return assess(with_gap(prefetch, GAP))
        return assess(with_added(prefetch, typed)) if typed else found

    return by
