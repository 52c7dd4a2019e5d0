"""How a site uses the plans: which folder, and of each plan whether and to whom it speaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cds_service.settings.entry import Entry
from cds_service.settings.readers import codes_in

PlanMode = Literal["live", "silent", "off"]

MODES = ("live", "silent", "off")
AUDIENCES = ("Practitioner", "PractitionerRole")
"""Patients and relatives are shown no cards at all, so that no plan can be meant for them."""

ALWAYS_LIVE = "itb-data-quality"
"""The plan that says what could not be checked: nobody may switch it off or see less of it."""


@dataclass(frozen=True, slots=True)
class PlanUse:
    """`silent` plans are evaluated, counted and logged, not shown; those that are off, nothing.

    `audiences` are types of users, `roles` codes as (system, code); empty: every user who is shown
    cards at all.
    """

    mode: PlanMode = "live"
    audiences: tuple[str, ...] = ()
    roles: tuple[tuple[str, str], ...] = ()

    def speaks_to(self, user_type: str) -> bool:
        """Whether users of this type are shown the plan's cards."""
        return not self.audiences or user_type in self.audiences

    def speaks_to_roles(self, known: frozenset[tuple[str, str]] | None) -> bool:
        """Whether a user with these roles is; None, a user whose roles nobody knows, always."""
        return not self.roles or known is None or not known.isdisjoint(self.roles)


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """`folder` holds the site's own plans, None: those that came with the service."""

    folder: Path | None = None
    uses: Mapping[str, PlanUse] = field(default_factory=dict)


def plans_in(entry: Entry) -> PlanSettings:
    """The table `[plans]`: `folder`, and a table for each plan. Raises SettingsError."""
    if not isinstance(entry.found, dict):
        raise entry.refused(
            "folder = a path, or tables of plans", 'Write [plans] and folder = "/etc/itb-cds/plans"'
        )
    uses = {name: found for name, found in entry.found.items() if name != "folder"}
    folder = _folder(entry) if "folder" in entry.found else None
    return PlanSettings(folder, plan_uses_in(Entry(entry.origin, entry.key, uses)))


def plan_uses_in(entry: Entry) -> Mapping[str, PlanUse]:
    """A table for each plan by its id, with `mode`, `audiences`, `roles`. Raises SettingsError.

    Whether there is such a plan is checked when the plans are read.
    """
    if not isinstance(entry.found, dict):
        raise entry.refused("a table for each plan", f"Write it as [{entry.key}.itb-refill]")
    return {
        name: _use(Entry(entry.origin, f"{entry.key}.{name}", found), name)
        for name, found in entry.found.items()
    }


def _use(entry: Entry, plan: str) -> PlanUse:
    found = entry.found
    if not isinstance(found, dict) or not set(found) <= {"mode", "audiences", "roles"}:
        raise entry.refused("a table with mode, audiences, roles", f"Write it as [{entry.key}]")
    use = PlanUse(_mode(entry, found), _audiences(entry, found), _roles(entry, found))
    if plan == ALWAYS_LIVE and use != PlanUse():
        raise entry.refused(
            "no setting: it tells what could not be checked, to everyone", "Remove it"
        )
    return use


def _mode(entry: Entry, found: Mapping[str, Any]) -> PlanMode:
    mode: PlanMode = found.get("mode", "live")
    if mode not in MODES:
        inner = Entry(entry.origin, f"{entry.key}.mode", mode)
        raise inner.refused(f"one of {', '.join(MODES)}", "'silent' evaluates and does not show")
    return mode


def _audiences(entry: Entry, found: Mapping[str, Any]) -> tuple[str, ...]:
    audiences = found.get("audiences", [])
    if not isinstance(audiences, list) or not all(each in AUDIENCES for each in audiences):
        inner = Entry(entry.origin, f"{entry.key}.audiences", audiences)
        raise inner.refused(
            f"a list of {', '.join(AUDIENCES)}",
            'Write ["Practitioner"]; patients and relatives are shown no cards',
        )
    return tuple(audiences)


def _roles(entry: Entry, found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    if "roles" not in found:
        return ()
    return codes_in(Entry(entry.origin, f"{entry.key}.roles", found["roles"]))


def _folder(entry: Entry) -> Path:
    named = Entry(entry.origin, f"{entry.key}.folder", entry.found["folder"])
    expected, remedy = "folder = a path", 'Write [plans] and folder = "/etc/itb-cds/plans"'
    folder = Path(entry.origin).parent / named.text(expected, remedy)
    if not folder.is_dir():
        raise named.refused("an existing folder", "Correct the path")
    return folder
