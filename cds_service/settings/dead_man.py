"""When silence is an alarm: `[dead_man]`."""

from dataclasses import dataclass

from cds_service.settings.entry import Entry

MOST_CALLS_AN_HOUR = 100_000
MOST_WEEKS = 26


@dataclass(frozen=True, slots=True)
class DeadManSettings:
    """An hour without a hook call is an alarm, where it normally has `least_usual_calls`.

    Normal is the median of the same hour in the last `weeks`. 0 calls: no alarm. Both are policy.
    """

    least_usual_calls: int = 5
    weeks: int = 4


def dead_man_in(entry: Entry) -> DeadManSettings:
    """The table `[dead_man]`. Raises SettingsError."""
    keys = ("least_usual_calls", "weeks")
    if not isinstance(entry.found, dict) or not set(entry.found) <= set(keys):
        raise entry.refused(f"a table with {', '.join(keys)}", "Write it as [dead_man]")
    bounds = {"least_usual_calls": (0, MOST_CALLS_AN_HOUR), "weeks": (1, MOST_WEEKS)}
    return DeadManSettings(
        **{
            key: Entry(entry.origin, f"dead_man.{key}", found).whole_number(*bounds[key])
            for key, found in entry.found.items()
        }
    )
