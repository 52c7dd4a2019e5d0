"""What stands around every page of the coordinator: the clinic, the time, what was read when."""

from dataclasses import dataclass

from flask import Flask, request

from cds_service.coordination.lanes import TOO_OLD_AFTER
from cds_service.errors import StoreError
from cds_service.store.reading_overview import Overview, overview_of
from cds_service.web.access.person import Role
from cds_service.web.coordinator.dates import moment_text, span_text
from cds_service.web.coordinator.desk import Desk
from cds_service.web.coordinator.safe_text import visible

_CARE = frozenset({Role.COORDINATOR, Role.CLINICIAN})


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the navigation, and who sees it there."""

    label: str
    endpoint: str
    roles: frozenset[Role]


NAVIGATION = (
    Entry("Worklist", "worklist.show", _CARE),
    Entry("Hospital IT", "it.show", frozenset({Role.IT})),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the layout shows beside the session.

    `clinic` names where the patients come from, '' where nothing does; `fixed_clock` is '' while
    the clock runs. `overview` is None when it could not be counted, which the page says. `read_at`
    says when the data were read, '' when never.
    """

    clinic: str
    fixed_clock: str
    overview: Overview | None
    read_at: str = ""
    navigation: tuple[Entry, ...] = NAVIGATION

    @property
    def current(self) -> str:
        """The endpoint of the page that is shown."""
        return request.endpoint or ""


def add_frame(app: Flask, desk: Desk) -> None:
    """Gives every template `frame_of()`, and the filter `visible` for texts of a record."""

    @app.context_processor
    def words() -> dict[str, object]:
        return {"frame_of": lambda: frame_of(desk)}

    app.add_template_filter(visible, "visible")


def frame_of(desk: Desk) -> Frame:
    """The frame as it is now; a store that fails leaves the overview open, and no page unshown."""
    now, zone = desk.now(), desk.rulebook.time_zone
    clinic = desk.source.name if desk.source else ""
    fixed = moment_text(now, zone) if desk.fixed_clock else ""
    try:
        overview = overview_of(desk.store.engine, now - TOO_OLD_AFTER)
    except StoreError:
        return Frame(clinic, fixed, None)
    if overview.oldest is None or overview.newest is None:
        return Frame(clinic, fixed, overview)
    return Frame(clinic, fixed, overview, span_text(overview.oldest, overview.newest, zone))
