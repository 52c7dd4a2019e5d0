"""What stands around every page of the coordinator: the clinic, the time, what was read when."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, request

from cds_service.coordination.lanes import TOO_OLD_AFTER
from cds_service.errors import StoreError
from cds_service.store.open_store import Store
from cds_service.store.reading_overview import Overview, overview_of
from cds_service.web.coordinator.day_words import moment_in_words, span_in_words
from cds_service.web.coordinator.safe_text import visible
from cds_service.web.service import Service

_CARE = frozenset({"coordinator", "clinician"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the navigation, and who sees it there."""

    label: str
    endpoint: str
    roles: frozenset[str]


NAVIGATION = (Entry("Worklist", "worklist.show", _CARE),)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the layout shows beside the session.

    `clinic` names where the patients come from, '' where nothing does; `fixed_clock` is '' while
    the clock runs. `overview` is None when it could not be counted, which the page says. `read_at`
    says when the data were read, '' when never.
    """

    fixed_clock: str
    overview: Overview | None
    read_at: str
    clinic: str = ""
    navigation: tuple[Entry, ...] = NAVIGATION

    @property
    def current(self) -> str:
        """The endpoint of the page that is shown."""
        return request.endpoint or ""


def framed(blueprint: Blueprint, service: Service, store: Store) -> Blueprint:
    """The blueprint, its templates given `frame` and the filter `visible`."""

    @blueprint.context_processor
    def add_frame() -> dict[str, Frame]:
        return {"frame": frame_of(service, store)}

    blueprint.add_app_template_filter(visible, "visible")
    return blueprint


def frame_of(service: Service, store: Store) -> Frame:
    """The frame as it is now."""
    now = service.clock()
    fixed = moment_in_words(now, now) if service.fixed_clock else ""
    try:
        overview = overview_of(store.engine, now - TOO_OLD_AFTER)
    except StoreError:
        return Frame(fixed, None, "")
    return Frame(fixed, overview, _read_at(overview, now))


def _read_at(overview: Overview, now: datetime) -> str:
    if overview.oldest is None or overview.newest is None:
        return ""
    return span_in_words(overview.oldest, overview.newest, now)
