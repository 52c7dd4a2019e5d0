"""What is watched at each beat: that EHRs call, that the worklist is read; and who is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from cds_service.app.heartbeat import Duty
from cds_service.app.population import alarm_of_refresh
from cds_service.app.posting import post
from cds_service.coordination.alarms import REFRESH, SILENCE, silence_alarm
from cds_service.coordination.silence import Silence, Usual, hour_of, silence
from cds_service.coordination.worklist import worklist
from cds_service.errors import MailError, StoreError
from cds_service.fhir.audit_event import Act
from cds_service.settings import Settings
from cds_service.store.open_store import Store
from cds_service.web import Service
from cds_service.web.coordinator.digest import digest
from cds_service.web.plan_uses import silent_plans
from cds_service.web.tally import Tally
from cds_service.web.work_readers import write_down

COUNTS_KEPT = timedelta(days=400)

_log = structlog.get_logger("itb_cds")


def duties(service: Service) -> list[Duty]:
    """What the heartbeat of a service does; nothing without a store."""
    if service.store is None or service.tally is None:
        return []
    clock = service.machine_clock or service.clock
    watch = Watch(
        service.settings, service.store, service.tally, clock, alarm_of_refresh(service, clock())
    )
    return [watch.keep_counts, watch.look, watch.send_digest, watch.forget]


def digest_of(settings: Settings, store: Store, now: datetime) -> tuple[str, str]:
    """Subject and text of the digest as of a moment in the site's zone. Raises StoreError."""
    rows = worklist(store.work.heads(), now)
    link = f"{settings.public_url}/worklist"
    names = settings.digest.with_names
    silent = silent_plans(settings, settings.population.client)
    return digest(rows, store.alerts.standing(), now, link, with_names=names, silent=silent)


@dataclass(frozen=True, slots=True)
class Watch:
    """Keeps the counts, finds the alarms, and tells of each once: in log, mail or file.

    `refresh_alarm` says what is wrong with the reading of the worklist, '' when nothing is.
    """

    settings: Settings
    store: Store
    tally: Tally
    clock: Callable[[], datetime]
    refresh_alarm: Callable[[datetime], str]

    def keep_counts(self) -> None:
        """Moves what was counted into the store. Raises StoreError; then nothing is lost."""
        counts = self.tally.take()
        try:
            self.store.counts.add(counts)
        except StoreError:
            self.tally.put_back(counts)
            raise
        self.store.counts.forget_before(hour_of(self.clock() - COUNTS_KEPT))

    def forget(self) -> None:
        """Forgets what was kept long enough; of patients and of its own entries the audit says so.

        Raises StoreError.
        """
        days, now = self.settings.store.audit_days, self.clock()
        self.store.retention.apply(now)
        self._forget_patients(now)
        # Whole days, so that the audit says so once a day, not at each beat.
        since = (now - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
        gone = self.store.audit.forget_before(since)
        if gone:
            says = f"{gone} entries of the audit deleted: kept for {days} days"
            self._write_down(says, now)

    def _forget_patients(self, now: datetime) -> None:
        """Written down first: what is deleted without a word looks like what was lost."""
        retention, days = self.store.retention, self.settings.store.left_days
        for patient_id in retention.left_long_ago(now):
            says = f"work on the patient deleted: kept for {days} days after leaving the list"
            self._write_down(says, now, patient_id)
            retention.forget_patient(patient_id, now)

    def _write_down(self, says: str, now: datetime, patient_id: str = "") -> None:
        act = Act("D", says, "service", "ITB Pump CDS", "service", now, patient_id)
        write_down(self.store.audit, self.settings.public_url, act)

    def look(self) -> None:
        """Finds the alarms of now, and tells of those that are new, untold or over.

        Raises StoreError, and MailError when people cannot be told: it is tried again then.
        """
        now = self.clock()
        found = {SILENCE: silence_alarm(self._silence(now)), REFRESH: self.refresh_alarm(now)}
        told = {alert.name for alert in self.store.alerts.standing() if alert.is_told}
        for name, says in found.items():
            if says:
                self.store.alerts.raise_alert(name, says, now)
                if name not in told:
                    self._tell(name, f"ALARM. {says}", now)
                    self.store.alerts.note_told(name, now)
            elif self.store.alerts.end_alert(name):
                self._tell(name, "The alarm is over.", now)

    def send_digest(self) -> None:
        """Sends the digest of the day once it is time, whichever process comes first.

        Raises StoreError, and MailError when it could not be sent: it is tried again later.
        """
        now = self.clock().astimezone(self.settings.time_zone)
        ways = self.settings.digest
        if not ways.is_on or now.time() < ways.at:
            return
        if not self.store.alerts.claim_digest(now.date(), now):
            return
        subject, body = digest_of(self.settings, self.store, now)
        try:
            post(ways, "digest", subject, body, now)
        except MailError as fault:
            self.store.alerts.note_digest(now.date(), str(fault))
            raise
        self.store.alerts.note_digest(now.date())

    def _silence(self, now: datetime) -> Silence | None:
        dead_man = self.settings.dead_man
        if not dead_man.least_usual_calls:
            return None
        since = hour_of(now - timedelta(weeks=dead_man.weeks, days=1))
        counts = self.store.counts
        usual = Usual(dead_man.least_usual_calls, dead_man.weeks)
        calls, first = counts.by_hour("call", since), counts.first_hour()
        return silence(calls, first, now, self.settings.time_zone, usual)

    def _tell(self, name: str, says: str, now: datetime) -> None:
        _log.error("alarm", alarm=name, says=says)
        here = now.astimezone(self.settings.time_zone)
        post(self.settings.digest, f"alarm-{name}", f"ITB Pump CDS: {name}", says, here)
