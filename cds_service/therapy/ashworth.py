"""Grades of the Modified Ashworth Scale: how stiff a muscle group is, 0 to 4."""

from decimal import Decimal

from msgspec import Struct

GRADES = ("0", "1", "1+", "2", "3", "4")
"""1+ lies between 1 and 2; it is neither."""


class AshworthGrade(Struct, frozen=True):
    """One muscle group's grade; `muscles` is empty when the record names none."""

    grade: str
    muscles: str = ""

    def ordinal(self, one_plus: Decimal) -> Decimal:
        """The grade as a number, for means and changes; `one_plus` is what 1+ counts as."""
        return one_plus if self.grade == "1+" else Decimal(self.grade)

    def __str__(self) -> str:
        return f"{self.grade} ({self.muscles})" if self.muscles else self.grade
