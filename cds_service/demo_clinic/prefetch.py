"""The prefetch an EHR sends for a chart, and the ways in which a data source can fail."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cds_service.demo_clinic.chart import PREFETCH_KEYS, Chart, prefetch_key
from cds_service.demo_clinic.coding import Resource, quantity
from cds_service.fhir.terminology.systems import PUMP_OBSERVATION


class Failure(StrEnum):
    """How an unplugged data source shows: not sent at all, or an error in place of the data."""

    NOT_SENT = "not-sent"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with the data today: unplugged prefetch keys, and the dose in a wrong unit."""

    unplugged: frozenset[str] = frozenset()
    failure: Failure = Failure.NOT_SENT
    is_dose_in_ml: bool = False


def prefetch(chart: Chart, day: date, faults: Faults) -> Mapping[str, Resource]:
    """The ten prefetch keys for the chart as it stood that day; a search is a searchset Bundle."""
    known = chart.as_known_on(day)
    by_key: dict[str, list[Resource]] = {key: [] for key in PREFETCH_KEYS}
    for resource in known.resources:
        by_key[prefetch_key(resource)].append(
            _with_dose_in_ml(resource) if faults.is_dose_in_ml else resource
        )
    for key, broken in known.malformed.items():
        by_key[key].extend(broken)
    sent: dict[str, Resource] = {"patient": known.patient}
    for key, resources in by_key.items():
        if key not in faults.unplugged:
            sent[key] = _searchset(resources)
        elif faults.failure is Failure.ERROR:
            sent[key] = _outcome(PREFETCH_KEYS[key])
    return sent


def _searchset(resources: Iterable[Resource]) -> Resource:
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return bundle | ({"entry": entries} if entries else {})


def _outcome(name: str) -> Resource:
    diagnostics = f"{name} cannot be read: the demo EHR's switch is off."
    issue = {"severity": "error", "code": "timeout", "diagnostics": diagnostics}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _with_dose_in_ml(resource: Resource) -> Resource:
    codings = resource.get("code", {}).get("coding", ())
    if not any(
        c.get("system") == PUMP_OBSERVATION and c.get("code") == "daily-dose" for c in codings
    ):
        return resource
    corrupted = deepcopy(resource)
    corrupted["valueQuantity"] = quantity(resource["valueQuantity"]["value"], "mL")
    return corrupted
