"""How people sign in to the pages: `[sign_in]`."""

from dataclasses import dataclass
from datetime import timedelta

MOST_IDLE_MINUTES = 120
MOST_HOURS = 24


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """How long a session stands, and which EHR pages may hold ours in a frame (origins)."""

    idle_minutes: int = 15
    absolute_hours: int = 8
    frame_ancestors: tuple[str, ...] = ()

    @property
    def idle(self) -> timedelta:
        """How long a session stands while nothing is done."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def absolute(self) -> timedelta:
        """How long a session stands, whatever is done."""
        return timedelta(hours=self.absolute_hours)
