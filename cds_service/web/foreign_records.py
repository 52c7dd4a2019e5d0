"""Records of another patient that came with a call: never used, told, counted, and audited.

Nothing waits for the audit and nothing fails because of it.
"""

import json
from collections.abc import Sequence
from datetime import datetime

import structlog

from cds_service.cds_hooks.request import HookRequest
from cds_service.errors import StoreError
from cds_service.fhir.audit_event import Act, audit_event
from cds_service.store.ledger_queue import AuditNote
from cds_service.store.open_store import Store
from cds_service.therapy.evidence import DataIssue
from cds_service.web.metrics import Metrics

_log = structlog.get_logger("itb_cds")


class ForeignRecords:
    """Notes, of each call, what it brought of other patients; `observer` is our address."""

    def __init__(self, store: Store | None, metrics: Metrics, observer: str) -> None:
        self._store = store
        self._metrics = metrics
        self._observer = observer

    def note(
        self, hook: HookRequest, client_name: str, issues: Sequence[DataIssue], now: datetime
    ) -> None:
        """Counts, logs and audits the foreign records among the issues of one call.

        The audit names the patient whose chart was open, and the client; never the other patient.
        """
        keys = sorted({each.source for each in issues if each.is_foreign})
        if not keys:
            return
        for key in keys:
            self._metrics.count_foreign_records(key)
        _log.warning(
            "records of another patient",
            hookInstance=hook.hook_instance,
            client=client_name,
            keys=keys,
        )
        if self._store is None:
            return
        says = f"records of another patient under {', '.join(keys)}: not used"
        who = client_name or "EHR"
        act = Act("R", says, who, who, "EHR", now, hook.patient_id, "refused")
        event = json.dumps(audit_event(act, self._observer), ensure_ascii=False)
        try:
            self._store.queue.keep_note(AuditNote(hook.patient_id, event, now))
        except StoreError as fault:
            self._metrics.count_store_failure()
            _log.error("audit failed", hookInstance=hook.hook_instance, why=str(fault))
