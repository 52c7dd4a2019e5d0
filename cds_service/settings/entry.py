"""One setting as it was found in the file, the environment or on the command line."""

from dataclasses import dataclass
from typing import Any

from cds_service.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting as it was found."""

    origin: str
    key: str
    found: Any

    def refused(self, expected: str, remedy: str) -> SettingsError:
        """The error that says what was found, what was expected, and what to do."""
        return SettingsError(
            f"{self.origin}: {self.key}: found {self.found!r}, expected {expected}. {remedy}."
        )

    def text(self, expected: str, remedy: str) -> str:
        """The setting as text without blanks around it."""
        if not isinstance(self.found, str) or not self.found.strip():
            raise self.refused(expected, remedy)
        return self.found.strip()

    def whole_number(self, lowest: int, highest: int) -> int:
        """The setting as a whole number within bounds."""
        found = self.found
        if type(found) is not int or not lowest <= found <= highest:
            raise self.refused(
                f"a whole number from {lowest} to {highest}", "Set it within these bounds"
            )
        return found
