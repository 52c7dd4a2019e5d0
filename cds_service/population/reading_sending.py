"""Brings what people typed in into the EHR. What fails is kept, and tried the next time."""

import structlog

from cds_service.ehr.record_writer import RecordWriter
from cds_service.errors import NotObtainedError
from cds_service.fhir.typed_records import entered_in_error
from cds_service.population.task_sending import MOST_AT_ONCE, MOST_FAILURES, Sent
from cds_service.store.readings_ledger import ReadingsLedger

_log = structlog.get_logger("itb_cds")


def send_readings(readings: ReadingsLedger, writer: RecordWriter) -> Sent:
    """Sends readings that the EHR lacks, and takes back those that were withdrawn.

    Raises StoreError. A reading counts as sent once all of its records are there; one that was cut
    off is sent again, and each record is still one there.
    """
    taken = failed = in_a_row = 0
    why = ""
    for kept in readings.not_sent(MOST_AT_ONCE):
        try:
            for record in kept.resources:
                writer.write(record if kept.counts else entered_in_error(record))
        except NotObtainedError as fault:
            failed, in_a_row, why = failed + 1, in_a_row + 1, str(fault)
            if in_a_row == MOST_FAILURES:
                break
        else:
            taken, in_a_row = taken + 1, 0
            readings.note_sent(kept.id)
    if taken or failed:
        _log.info("readings sent to the EHR", taken=taken, failed=failed, why=why)
    return Sent(taken, failed, why)
