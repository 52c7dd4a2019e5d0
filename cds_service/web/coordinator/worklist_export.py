"""The rows of the worklist as CSV that no spreadsheet takes for formulas."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import StringIO
from typing import Any

from flask import current_app
from markupsafe import Markup

from cds_service.coordination.worklist import Row
from cds_service.therapy.calendar import day_text
from cds_service.web.coordinator.desk import Desk
from cds_service.web.coordinator.safe_text import visible

WORDS = "coordinator/_worklist_words.html"
_BYTE_ORDER_MARK = "\ufeff"

# OWASP's list, with the wide forms that some spreadsheets take for the same; at the start of a cell
# and wherever a separator could start one.
_FORMULA = re.compile(r"""(^|[,;|"'])(\s*)(?=[=+\-@＝＋－＠])""")


def worklist_csv(rows: Iterable[Row], desk: Desk) -> bytes:
    """The file: a line of headings, then a line for each row, in their order.

    UTF-8 with the mark by which spreadsheets know it. Dates are written as `30 Nov 2026`. The MRN
    has its name before it, or spreadsheets would drop its leading zeros.
    """
    words: Any = current_app.jinja_env.get_template(WORDS).make_module(desk.words(day=_absolute))
    text = StringIO()
    lines = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    lines.writerow([_cell(each) for each in words.headings().split("|")])
    for row in rows:
        lines.writerow([_cell(each) for each in _cells(row, words)])
    return (_BYTE_ORDER_MARK + text.getvalue()).encode("utf-8", "replace")


def csv_name(now: datetime) -> str:
    """The file's name: the moment, and nobody's name."""
    return f"itb-worklist-{now:%Y-%m-%d-%H%M}.csv"


def _absolute(day: date | None) -> str:
    return day_text(day) if day else ""


def _cells(row: Row, words: Any) -> Sequence[str]:
    identity, figures, task = row.identity, row.figures, row.task
    return (
        words.status(row),
        identity.name or words.no_name(),
        words.born(identity.birth_date),
        f"MRN {identity.mrn}" if identity.mrn else "",
        words.urgency(row),
        words.why(row),
        words.marks(row),
        words.also(row),
        words.all_gaps(row),
        words.volume(row),
        words.act_by_or_late(row),
        words.booked(row),
        words.known_day(row, figures.battery_eri),
        words.owners(row),
        words.plain_day(task.due if task else None),
        words.read_at(row),
    )


def _cell(text: str | Markup) -> str:
    """The words of a template come escaped for a page, those of the record do not."""
    plain = text.unescape() if isinstance(text, Markup) else text
    return _FORMULA.sub(r"\1\2'", visible(plain))
