"""Brings the coordinator's tasks into the EHR. What fails is kept, and tried the next time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from cds_service.coordination.work_resources import fhir_task
from cds_service.ehr.record_writer import RecordWriter
from cds_service.errors import NotObtainedError
from cds_service.store.work_ledger import WorkLedger

MOST_AT_ONCE = 500
MOST_FAILURES = 3
"""So many failures one after the other are the server's: the rest waits for the next time."""

_log = structlog.get_logger("itb_cds")


@dataclass(frozen=True, slots=True)
class Sent:
    """How many tasks the EHR took, and how many it did not; `why` is the last reason."""

    taken: int
    failed: int
    why: str = ""


def send_tasks(
    work: WorkLedger, writer: RecordWriter, plans: Mapping[str, str], now: datetime
) -> Sent:
    """Sends what the EHR lacks. `now` is in the site's zone; `plans` maps ids to canonical URLs.

    Raises StoreError. A task whose sending was cut off is sent again, and is still one there.
    """
    taken = failed = in_a_row = 0
    why = ""
    for task in work.unsent(MOST_AT_ONCE):
        resource = fhir_task(task, work.history(task.id), plans, now.date())
        try:
            writer.write(resource)
        except NotObtainedError as fault:
            failed, in_a_row, why = failed + 1, in_a_row + 1, str(fault)
            work.note_sent(task.id, task.version, fault=f"The EHR {fault}")
            if in_a_row == MOST_FAILURES:
                break
        else:
            taken, in_a_row = taken + 1, 0
            work.note_sent(task.id, task.version)
    if taken or failed:
        _log.info("tasks sent to the EHR", taken=taken, failed=failed, why=why)
    return Sent(taken, failed, why)
