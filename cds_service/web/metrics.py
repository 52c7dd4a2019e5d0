"""What the service counts, for Prometheus: by service, status and topic, never by patient."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from cds_service.cds_hooks.discovery import SERVICES
from cds_service.web.tally import Tally

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """Counters of one application, in a registry of its own.

    `tally` counts what the page of hospital IT shows, where there is a store to keep it.
    """

    def __init__(self, tally: Tally | None = None) -> None:
        self.tally = tally
        self._registry = CollectorRegistry()
        answers = Counter(
            "itb_cds_hook_answers",
            "Hook calls answered with 200",
            ["service", "pump"],
            registry=self._registry,
        )
        seconds = Histogram(
            "itb_cds_hook_seconds",
            "Time to answer a hook call",
            ["service"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._cards = Counter(
            "itb_cds_cards", "Cards sent, by topic", ["topic"], registry=self._registry
        )
        self._prepare_refusals()
        self._prepare_delivery()
        self._prepare_reading()
        # Looked up once: a lookup by label costs more than the counting.
        self._answers = {
            (id_, has_pump): answers.labels(id_, "yes" if has_pump else "no")
            for id_ in SERVICES
            for has_pump in (True, False)
        }
        self._seconds = {id_: seconds.labels(id_) for id_ in SERVICES}

    def count_answer(
        self, service_id: str, has_pump: bool, topics: list[str], seconds: float
    ) -> None:
        """Counts a hook call that was answered with cards, or with none."""
        self._answers[service_id, has_pump].inc()
        self._seconds[service_id].observe(seconds)
        for topic in topics:
            self._cards.labels(topic).inc()

    def count_withheld(self, topic: str, why: str) -> None:
        """Counts advice that its user was not shown."""
        self._withheld.labels(topic, why).inc()

    def count_unknown_role(self, why: str) -> None:
        """Counts a user whose role nobody knows, where a plan asks for it."""
        self._unknown_roles.labels(why).inc()

    def count_feedback(self, outcome: str, topic: str) -> None:
        """Counts what a user did with a card; topic `unknown`: a card the ledger does not have."""
        self._feedback.labels(outcome, topic).inc()

    def count_feedback_not_understood(self, items: int) -> None:
        """Counts feedback items that made no sense."""
        self._feedback_not_understood.inc(items)

    def count_store_failure(self) -> None:
        """Counts a time that the store failed."""
        self._store_failures.inc()

    def count_unread(self, key: str, why: str) -> None:
        """Counts a prefetch key that an answered call lacked, wholly or in part."""
        self._unread.labels(key, why).inc()

    def count_refused_records(self, records: int) -> None:
        """Counts records that were not used, and are told of."""
        self._refused_records.inc(records)

    def count_foreign_records(self, key: str) -> None:
        """Counts a prefetch key that held records of another patient."""
        self._foreign_records.labels(key).inc()

    def count_undecided(self, plan_id: str) -> None:
        """Counts a rule that could have applied and rests on an unknown fact."""
        self._undecided.labels(plan_id).inc()

    def count_reading(self, key: str, status: str, seconds: float) -> None:
        """Counts a reading from an EHR."""
        self._readings.labels(key, status).inc()
        self._reading_seconds.observe(seconds)

    def count_refusal(self, status: int) -> None:
        """Counts a request that was refused or failed."""
        self._refusals.labels(str(status)).inc()

    def count_too_many_calls(self, client: str) -> None:
        """Counts a call of a client that sent too many."""
        self._too_many_calls.labels(client).inc()

    def count_required_data_missing(self) -> None:
        """Counts a hook call that lacked the data without which nothing can be said."""
        self._required_data_missing.inc()

    def exposition(self) -> bytes:
        """All counters in the text format of Prometheus."""
        return generate_latest(self._registry)

    def _prepare_refusals(self) -> None:
        self._refusals = Counter(
            "itb_cds_refusals",
            "Requests refused, by HTTP status",
            ["status"],
            registry=self._registry,
        )
        self._required_data_missing = Counter(
            "itb_cds_required_data_missing",
            "Hook calls answered 412: neither devices nor other signs of a pump could be read",
            registry=self._registry,
        )
        self._too_many_calls = Counter(
            "itb_cds_too_many_calls",
            "Calls answered 429, by client of the configuration",
            ["client"],
            registry=self._registry,
        )

    def _prepare_reading(self) -> None:
        self._unread = Counter(
            "itb_cds_could_not_check",
            "Prefetch keys not read, or not fully, by reason, in calls that were answered",
            ["key", "reason"],
            registry=self._registry,
        )
        self._refused_records = Counter(
            "itb_cds_refused_records",
            "Records that could not be read or believed, and are told of",
            registry=self._registry,
        )
        self._foreign_records = Counter(
            "itb_cds_foreign_records",
            "Prefetch keys with records of another patient, which were not used",
            ["key"],
            registry=self._registry,
        )
        self._undecided = Counter(
            "itb_cds_undecided",
            "Rules that could not be decided, by plan",
            ["plan"],
            registry=self._registry,
        )
        self._readings = Counter(
            "itb_cds_fhir_reads",
            "Readings from EHRs, by prefetch key and status",
            ["key", "status"],
            registry=self._registry,
        )
        self._reading_seconds = Histogram(
            "itb_cds_fhir_read_seconds",
            "Time of a reading from an EHR, all its pages",
            buckets=_SECONDS,
            registry=self._registry,
        )

    def _prepare_delivery(self) -> None:
        """Counters of what became of advice, of feedback, and of the store."""
        self._withheld = Counter(
            "itb_cds_cards_withheld",
            "Advice not shown, by topic, and why: patient, audience, silent, snoozed",
            ["topic", "why"],
            registry=self._registry,
        )
        self._unknown_roles = Counter(
            "itb_cds_user_roles_unknown",
            "Users whose role could not be told, though a plan asks for it: shown all the same",
            ["why"],
            registry=self._registry,
        )
        self._feedback = Counter(
            "itb_cds_feedback",
            "Feedback items received, repeats aside, by outcome and topic",
            ["outcome", "topic"],
            registry=self._registry,
        )
        self._feedback_not_understood = Counter(
            "itb_cds_feedback_not_understood",
            "Feedback items that made no sense",
            registry=self._registry,
        )
        self._store_failures = Counter(
            "itb_cds_store_failures",
            "Times the store could not keep or give back something",
            registry=self._registry,
        )
