"""What every page of the coordinator works with: store, time, people, and words for templates."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

from flask import request

from cds_service.assessment import Rulebook
from cds_service.population.source import PatientSource
from cds_service.settings import Settings
from cds_service.store.open_store import Store
from cds_service.store.session_ledger import KnownPerson
from cds_service.web.access.person import Role
from cds_service.web.coordinator.dates import birth_text, distance, long_day, moment_text


@dataclass(frozen=True, slots=True)
class Desk:
    """The coordinator's desk at one site. `clock` says for which moment work is shown.

    `silent` are the plans that no card speaks of: here their advice stands, and is marked.
    """

    settings: Settings
    store: Store
    rulebook: Rulebook
    clock: Callable[[], datetime]
    source: PatientSource | None = None
    fixed_clock: bool = False
    silent: frozenset[str] = frozenset()

    def now(self) -> datetime:
        """The moment, in the site's zone."""
        return self.clock().astimezone(self.rulebook.time_zone)

    @property
    def thresholds(self) -> Mapping[str, Decimal]:
        """Every threshold in force."""
        return self.rulebook.thresholds

    def people(self) -> list[KnownPerson]:
        """To whom work can be given."""
        return [each for each in self.store.sessions.people() if each.role != Role.IT]

    def words(self, **more: object) -> dict[str, object]:
        """What every template is given, and more."""
        now = self.now()
        today = now.date()
        names = {each.id: each.name for each in self.store.sessions.people()}

        def of_day(day: date | None) -> str:
            return long_day(day, today)

        return {
            "desk": self,
            "now": now,
            "today": today,
            "day": of_day,
            "distance": lambda day: distance(day, today),
            "moment": lambda moment: moment_text(moment, self.rulebook.time_zone),
            "day_of": lambda moment: moment.astimezone(self.rulebook.time_zone).date(),
            "birth_day": birth_text,
            "name_of": lambda person: names.get(person, person) or "nobody",
            "fixed_clock": moment_text(now, self.rulebook.time_zone) if self.fixed_clock else "",
            "source_name": self.source.name if self.source else "",
            **more,
        }


def back_to(default: str = "/worklist?lane=all", field: str = "back") -> str:
    """The page of this service that a form or an address names to come back to, else another."""
    named = request.form.get(field, "") or request.args.get(field, "")
    is_ours = _OURS.match(named) is not None
    return named if is_ours and "\\" not in named and named.isprintable() else default


def with_said(address: str, said: str, at: str = "", **more: str) -> str:
    """An address that says what was done, and the place on the page to come back to.

    Without `at` the place that the address names stays. `more` are ids and numbers for the words.
    """
    page, _, place = address.partition("#")
    path, _, query = page.partition("?")
    kept = [each for each in parse_qsl(query) if each[0] not in _TOLD]
    told = urlencode([*kept, ("said", said), *more.items()])
    place = at or place
    return f"{path}?{told}{f'#{place}' if place else ''}"


_OURS = re.compile(r"/(worklist|patients|tasks)(?=[/?#]|$)")
_TOLD = ("said", "task", "given", "left")
