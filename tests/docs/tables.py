"""The tables of docs/ that people keep by hand."""

import csv

from tests.docs.existing_tests import ROOT

Row = dict[str, str]


def rows_of(name: str, columns: list[str]) -> list[Row]:
    """The rows of docs/`name`, in order. Fails when the columns or a row's length differ."""
    with (ROOT / "docs" / name).open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file, strict=True)
    assert head == columns, f"docs/{name}: expected the columns {', '.join(columns)}"
    for number, line in enumerate(lines, 2):
        assert len(line) == len(columns), f"docs/{name}: row {number} has {len(line)} cells"
    return [dict(zip(columns, line, strict=True)) for line in lines]


def entries(cell: str) -> list[str]:
    """What a cell holds, parted by `;`."""
    return [entry.strip() for entry in cell.split(";")]
