"""The alarms that hospital IT and the coordinator hear of: who watches the watcher."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cds_service.coordination.silence import Silence
from cds_service.therapy.calendar import day_text

SILENCE = "no-hook-calls"
REFRESH = "refresh"
DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class LastRefresh:
    """The newest reading of all patients: when it ended well, and why the newest did not.

    `good_at` None: never yet; `since` is then when the service began to try.
    """

    good_at: datetime | None
    since: datetime
    failure: str = ""


def refresh_alarm(last: LastRefresh | None, now: datetime, interval: timedelta) -> str:
    """What is wrong with the refreshes; '' when nothing is, or no population is configured."""
    if last is None:
        return ""
    if last.failure:
        return f"The newest refresh of the worklist failed: {last.failure}"
    if now - (last.good_at or last.since) <= 2 * interval:
        return ""
    if last.good_at is None:
        return "The worklist has never been read in full since the service was started."
    read = _moment(last.good_at)
    return f"The worklist was last read in full on {read}, longer ago than it should be."


def silence_alarm(found: Silence | None) -> str:
    """What the silence of an hour says; '' without one."""
    if found is None:
        return ""
    return (
        f"No EHR called in the hour from {_moment(found.began_at)}; this hour of the week normally "
        f"has about {found.usual_calls} calls. Clinicians may be seeing no cards: ask whether the "
        "EHR still calls the service."
    )


def _moment(moment: datetime) -> str:
    return f"{day_text(moment.date())}, {moment:%H:%M %Z}"
