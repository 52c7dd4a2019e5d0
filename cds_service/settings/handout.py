"""Whom patients call: `[handout]`. Without it no page is handed out."""

from dataclasses import dataclass

from cds_service.settings.entry import Entry

LONGEST = 120
_KEYS = ("clinic", "phone", "hours")


@dataclass(frozen=True, slots=True)
class HandoutSettings:
    """The clinic's name, its telephone number and its hours, as patients are to read them.

    Name and number are needed before anything is handed out; hours may be left out.
    """

    clinic: str = ""
    phone: str = ""
    hours: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that must be set first."""
        named = (("clinic", self.clinic), ("phone", self.phone))
        return tuple(f"handout.{key}" for key, value in named if not value)


def handout_in(entry: Entry) -> HandoutSettings:
    """The table `[handout]`. Raises SettingsError."""
    if not isinstance(entry.found, dict) or not set(entry.found) <= set(_KEYS):
        raise entry.refused(f"a table with {', '.join(_KEYS)}", "Write it as [handout]")
    return HandoutSettings(
        **{
            key: _line(Entry(entry.origin, f"handout.{key}", found))
            for key, found in entry.found.items()
        }
    )


def _line(entry: Entry) -> str:
    expected, remedy = f"one line of at most {LONGEST} characters", "Write it as patients read it"
    text = entry.text(expected, remedy)
    if len(text) > LONGEST or not text.isprintable():
        raise entry.refused(expected, remedy)
    return text
