"""How long the worklist takes with 5,000 patients: pages of several views, and the export.

    .venv/bin/python tests/bench/worklist_pages.py

CPU time inside the service, from request to answer: no network, no browser. The store is a file,
so that with nothing else running the time that passes is the same.
"""

import gc
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import insert

from cds_service.coordination.reconciling import reconcile
from cds_service.coordination.status import Figures, PatientStatus
from cds_service.store.database import writing
from cds_service.store.open_store import Store, open_store
from cds_service.store.work_rows import status_row, unread_row, write_task
from cds_service.store.work_tables import statuses
from tests.coordination.builders import (
    BATTERY_PLAN,
    CONFLICT,
    REFILL_DUE,
    REFILL_OVERDUE,
    a_status,
)
from tests.web.coordinator.site import NOW, Browser, a_browser, shown_patients

PATIENTS = 5000
ROUNDS = 7
MOST_MS_FOR_A_PAGE = 300
MOST_MS_FOR_CSV = 3000
EXPORT = "/worklist/export?lane=all"
PAGES = {
    "first page": "/worklist?lane=all",
    "100 rows, last page": "/worklist?lane=all&size=100&page=50",
    "lane, not booked": "/worklist?lane=book&booked=no",
    "nobody's, in 14 days": "/worklist?lane=all&owner=nobody&within=14",
    "by name": "/worklist?lane=all&sort=name&size=100",
    "not all checked": "/worklist?lane=all&unchecked=yes&size=100",
}


def population() -> Iterator[PatientStatus]:
    """Patients of whom a third is due, and of whom one in thirteen could not be checked."""
    for number in range(PATIENTS):
        advice = [
            each
            for every, each in (
                (3, REFILL_DUE),
                (25, REFILL_OVERDUE),
                (5, BATTERY_PLAN),
                (11, CONFLICT),
            )
            if number % every == 0
        ]
        status = a_status(
            f"p{number}",
            advice=tuple(advice),
            unchecked=("Visits: not read",) if number % 13 == 0 else (),
            read_at=NOW - timedelta(hours=number % 30),
            figures=Figures(booked=NOW.date() + timedelta(days=9) if number % 4 == 0 else None),
        )
        name = f"Surname{number % 900}, Given{number % 700}"
        yield replace(status, identity=replace(status.identity, name=name, mrn=f"{number:07}"))


def fill(store: Store) -> None:
    """Keeps the population as its first reading would, in one transaction."""
    with writing(store.engine) as connection:
        for status in population():
            row = {
                "patient": status.identity.patient_id,
                **unread_row(status.identity),
                **status_row(status),
            }
            connection.execute(insert(statuses).values(row))
            for change in reconcile([], status, NOW.date()):
                write_task(connection, change)


def milliseconds(browser: Browser, address: str) -> float:
    """The median time of several answers."""
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        answer = browser.client.get(address)
        taken.append((time.process_time() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
    return median(taken)


def measured() -> tuple[dict[str, float], float]:
    """Milliseconds of each page, and of the export."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder), lambda: NOW)
        fill(store)
        kim = a_browser(store)
        # As the server does once it is up.
        gc.collect()
        gc.freeze()
        if len(shown_patients(kim.get(PAGES["100 rows, last page"]))) != 100:
            raise RuntimeError("the last page does not hold 100 patients")
        search = kim.post("/worklist/find", text="surname7 given").location
        pages = {
            name: milliseconds(kim, path) for name, path in (PAGES | {"found": search}).items()
        }
        csv = milliseconds(kim, EXPORT)
        store.close()
    return pages, csv


def print_worklist() -> None:
    """Measures, and prints a line for each view and for the two targets."""
    pages, csv = measured()
    print(f"\nworklist of {PATIENTS:,} patients, CPU a request")
    for name, found in pages.items():
        print(f"  {name:<56}{found:>7.0f} ms")
    slowest = max(pages.values())
    for target, found, most in (
        ("slowest page", slowest, MOST_MS_FOR_A_PAGE),
        ("CSV of all", csv, MOST_MS_FOR_CSV),
    ):
        print(
            f"  {f'{target} <= {most} ms':<56}{found:>7.0f} ms   "
            f"{'met' if found <= most else 'NOT met'}"
        )


if __name__ == "__main__":
    print_worklist()
