"""One resource sent in several versions: only the newest counts."""

from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from cds_service.fhir.elements import Resource


class _Meta(Struct):
    versionId: str | None = None
    lastUpdated: str | None = None


def without_older_versions(resources: list[Resource]) -> list[Resource]:
    """The resources in their order, less those of which a newer version was sent too.

    Where neither says which is newer, both stay: whoever reads them weighs them as two records.
    """
    if len({found.id for found in resources}) == len(resources):
        return resources
    newest: dict[tuple[type[Resource], str], Resource] = {}
    for found in resources:
        if found.id is None:
            continue
        key = (type(found), found.id)
        if key not in newest or _is_newer(found, newest[key]):
            newest[key] = found
    return [
        found
        for found in resources
        if found.id is None or not _is_newer(newest[type(found), found.id], found)
    ]


def _is_newer(one: Resource, other: Resource) -> bool:
    """True when both say their version and the first is the later: by number, else by time."""
    first, second = _meta(one), _meta(other)
    numbers = (first.versionId or "", second.versionId or "")
    if all(number.isascii() and number.isdigit() for number in numbers):
        return int(numbers[0]) > int(numbers[1])
    times = (_moment(first), _moment(second))
    return times[0] is not None and times[1] is not None and times[0] > times[1]


def _meta(resource: Resource) -> _Meta:
    try:
        return msgspec.json.decode(resource.meta, type=_Meta)
    except (msgspec.MsgspecError, ValueError):
        return _Meta()


def _moment(meta: _Meta) -> datetime | None:
    try:
        moment = datetime.fromisoformat(meta.lastUpdated or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
