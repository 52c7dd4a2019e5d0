"""Which of the recommendations this user is shown, and what is kept of it.

A store that fails changes one thing only: nothing is set aside, so more is shown, not less.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from cds_service.assessment import Assessment, Rulebook
from cds_service.cds_hooks.cards import Card, CardContext, card_uuid, cards, response_body
from cds_service.cds_hooks.dialects import STANDARD
from cds_service.cds_hooks.kept_call import kept_call
from cds_service.cds_hooks.request import HookRequest
from cds_service.cds_hooks.snooze import SetAside, may_be_set_aside, snoozed_until
from cds_service.errors import StoreError
from cds_service.fhir.practitioner_role import Roles
from cds_service.guidance.cause import cause_of
from cds_service.guidance.evaluation import Evaluation, Recommendation
from cds_service.settings import Client, Settings
from cds_service.store.card_ledger import FOLDED, SHOWN, AnsweredCall, KeptCard
from cds_service.store.open_store import Store
from cds_service.web.foreign_records import ForeignRecords
from cds_service.web.metrics import Metrics
from cds_service.web.plan_uses import plan_use
from cds_service.web.user_roles import UserRoles

PATIENT = "patient"
AUDIENCE = "audience"
SILENT = "silent"
SNOOZED = "snoozed"

Fate = tuple[Recommendation, str]
"""A recommendation, and whether it is shown, or why it is withheld."""

_log = structlog.get_logger("itb_cds")


@dataclass(frozen=True, slots=True)
class Answering:
    """One call while it is answered: what was asked, found and by which rules, and by whom.

    The EHR is read until `reads_end_at` on the monotonic clock.
    """

    hook: HookRequest
    service_id: str
    found: Assessment
    rulebook: Rulebook
    now: datetime
    client: Client | None = None
    reads_end_at: float = 0.0

    @property
    def client_name(self) -> str:
        """The client's name; empty where nobody is asked who calls."""
        return self.client.name if self.client else ""

    def context(self, settings: Settings) -> CardContext:
        """What cards need besides the advice."""
        zone = self.rulebook.time_zone
        return CardContext(
            hook_instance=self.hook.hook_instance,
            patient_id=self.hook.patient_id,
            service_id=self.service_id,
            public_url=settings.public_url,
            as_of=self.now.astimezone(zone),
            time_zone=zone.key,
            max_cards=settings.max_cards,
            dialect=self.client.dialect if self.client else STANDARD,
            launch_url=_launch_url(settings, self.client),
        )


def _launch_url(settings: Settings, client: Client | None) -> str:
    """Where the client's EHR launches our app; '' where the site describes no such launch."""
    if client is None or settings.launching_issuer(client) is None:
        return ""
    return f"{settings.public_url}/launch"


class Delivery:
    """Turns what was found into the cards of one user, and keeps the ledger."""

    def __init__(
        self, settings: Settings, store: Store | None, metrics: Metrics, user_roles: UserRoles
    ) -> None:
        self._settings = settings
        self._user_roles = user_roles
        self._store = store
        self._metrics = metrics
        self._foreign_records = ForeignRecords(store, metrics, settings.public_url)
        if store is not None:
            store.queue.tell = self._note_lost_time

    def cards(self, call: Answering) -> list[Card]:
        """The cards that the user is shown; the ledger has them before they are sent."""
        issues = call.found.record.issues
        self._foreign_records.note(call.hook, call.client_name, issues, call.now)
        if not call.found.evaluation.recommended:
            return []
        context = call.context(self._settings)
        fates = self._fates(call)
        shown = tuple(found for found, fate in fates if fate == SHOWN)
        made = cards(Evaluation(shown, ()), call.found.findings.facts, context) if shown else []
        if self._store is not None:
            self._keep(self._store, call, context, fates, made)
        self._note_withheld(call, fates)
        return made

    def _fates(self, call: Answering) -> list[Fate]:
        roles = self._roles(call)
        fates = [
            (found, self._by_configuration(found, call, roles))
            for found in call.found.evaluation.recommended
        ]
        may_be = any(fate == SHOWN and may_be_set_aside(found) for found, fate in fates)
        if self._store is None or not may_be:
            return fates
        try:
            set_aside = _set_aside(self._store, call)
        except StoreError as fault:
            self._note_failure(call, fault)
            return fates
        return [
            (found, SNOOZED if _is_snoozed(self._store, found, call, set_aside) else fate)
            if fate == SHOWN
            else (found, fate)
            for found, fate in fates
        ]

    def _roles(self, call: Answering) -> Roles | None:
        """The user's roles, looked for only when they decide about something found."""
        uses = (
            plan_use(self._settings, call.client, found.plan.id)
            for found in call.found.evaluation.recommended
        )
        decide = any(use.roles and use.mode == "live" for use in uses)
        if call.hook.is_by_patient or not decide:
            return None
        return self._user_roles.of(call.hook, call.client, call.reads_end_at)

    def _by_configuration(self, found: Recommendation, call: Answering, roles: Roles | None) -> str:
        if call.hook.is_by_patient:
            return PATIENT
        use = plan_use(self._settings, call.client, found.plan.id)
        user_type = call.hook.context.user_id.partition("/")[0]
        if not (use.speaks_to(user_type) and use.speaks_to_roles(roles)):
            return AUDIENCE
        return SILENT if use.mode == "silent" else SHOWN

    def _keep(
        self,
        store: Store,
        call: Answering,
        context: CardContext,
        fates: Sequence[Fate],
        made: Sequence[Card],
    ) -> None:
        """Writes the ledger. When it cannot be written, the cards go out all the same."""
        shown = [found for found, fate in fates if fate == SHOWN]
        by_uuid = {card["uuid"]: card for card in made}
        kept = AnsweredCall(
            client=call.client_name,
            service=call.service_id,
            patient=store.pseudonyms.of_patient(call.client_name, call.hook.patient_id),
            user=store.pseudonyms.of_user(call.client_name, call.hook.context.user_id),
            answered_at=call.now,
            content=kept_call(shown, call.found.findings.facts, context),
            cards=[
                _kept_card(store, found, fate, by_uuid.get(uuid), uuid)
                for found, fate in fates
                for uuid in [card_uuid(found, context)]
            ],
        )
        try:
            store.queue.keep_call(kept)
        except StoreError as fault:
            self._note_failure(call, fault)

    def _note_failure(self, call: Answering, fault: StoreError) -> None:
        self._metrics.count_store_failure()
        _log.error("store failed", hookInstance=call.hook.hook_instance, why=str(fault))

    def _note_lost_time(self, fault: StoreError) -> None:
        """The database did not take what waits for it; it is tried again."""
        self._metrics.count_store_failure()
        _log.error("store failed", why=str(fault))

    def _note_withheld(self, call: Answering, fates: Sequence[Fate]) -> None:
        """What a user does not see, IT can count: an empty answer is not "nothing due" then."""
        withheld = [(found.action.topic, fate) for found, fate in fates if fate != SHOWN]
        if not withheld:
            return
        for topic, fate in withheld:
            self._metrics.count_withheld(topic, fate)
        _log.warning(
            "cards withheld",
            hookInstance=call.hook.hook_instance,
            service=call.service_id,
            client=call.client_name,
            withheld=[f"{topic}: {fate}" for topic, fate in withheld],
            all=len(withheld) == len(fates),
        )


def _set_aside(store: Store, call: Answering) -> list[SetAside]:
    """What this user has set aside for this patient, with the seals of the causes."""
    patient = store.pseudonyms.of_patient(call.client_name, call.hook.patient_id)
    user = store.pseudonyms.of_user(call.client_name, call.hook.context.user_id)
    zone = call.rulebook.time_zone
    return [
        SetAside(each.topic, each.cause, each.reason, each.at.astimezone(zone).date())
        for each in store.feedback.set_aside(call.client_name, patient, user)
    ]


def _is_snoozed(
    store: Store, found: Recommendation, call: Answering, set_aside: Sequence[SetAside]
) -> bool:
    cause = store.pseudonyms.seal(cause_of(found).encode()) if set_aside else ""
    today = call.now.astimezone(call.rulebook.time_zone).date()
    # A clock that was moved back, as in a demonstration, must not see what is said later.
    same = [each for each in set_aside if each.cause == cause and each.on <= today]
    if not same:
        return False
    facts, thresholds = call.found.findings.facts, call.rulebook.thresholds
    until = snoozed_until(found, facts, same, thresholds)
    return until is not None and today < until


def _kept_card(
    store: Store, found: Recommendation, fate: str, card: Card | None, uuid: str
) -> KeptCard:
    return KeptCard(
        uuid=uuid,
        plan=found.plan.id,
        version=found.plan.version,
        action=found.action.id,
        topic=found.action.topic,
        indicator=str(found.action.urgency),
        cause=store.pseudonyms.seal(cause_of(found).encode()),
        fate=FOLDED if fate == SHOWN and card is None else fate,
        seal=store.pseudonyms.seal(response_body([card])) if card else "",
    )
