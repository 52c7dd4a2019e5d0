"""Who the user of a call is: the roles that decide whether a plan speaks to her.

A role that cannot be told withholds nothing: it is counted, and the card is shown.
"""

from collections.abc import Mapping

import structlog

from cds_service.cds_hooks.discovery import ROLE_KEY
from cds_service.cds_hooks.queries import role_query
from cds_service.cds_hooks.request import HookRequest
from cds_service.ehr.reader import Answer
from cds_service.fhir.practitioner_role import Roles, roles_in
from cds_service.settings import Client
from cds_service.web.metrics import Metrics
from cds_service.web.record_reading import RecordReading

_log = structlog.get_logger("itb_cds")


class UserRoles:
    """Finds the roles of users, where a plan asks for them."""

    def __init__(self, reading: RecordReading, metrics: Metrics) -> None:
        self._reading = reading
        self._metrics = metrics

    def of(self, hook: HookRequest, client: Client | None, ends_at: float) -> Roles | None:
        """The user's roles: by the site's word, as sent along, or as read before `ends_at`.

        None when they cannot be told.
        """
        stated = client.roles.get(hook.context.user_id) if client else None
        if stated:
            return frozenset(stated)
        kind, _, role_id = hook.context.user_id.partition("/")
        if kind != "PractitionerRole":
            self._note_unknown(hook, client, "user-names-no-role")
            return None
        found = roles_in(hook.prefetch.get(ROLE_KEY), role_id)
        if found:
            return found
        answers = self._reading.answers(hook, client, {ROLE_KEY: role_query(role_id)}, ends_at)
        found = self._read(answers, role_id)
        if not found:
            self._note_unknown(hook, client, _why(answers))
        return found or None

    def _read(self, answers: Mapping[str, Answer], role_id: str) -> Roles:
        answer = answers.get(ROLE_KEY)
        if answer is None:
            return frozenset()
        self._metrics.count_reading(ROLE_KEY, answer.status, answer.seconds)
        return roles_in(answer.reading, role_id)

    def _note_unknown(self, hook: HookRequest, client: Client | None, why: str) -> None:
        self._metrics.count_unknown_role(why)
        _log.warning(
            "role of the user not known: shown all the same",
            hookInstance=hook.hook_instance,
            client=client.name if client else "",
            why=why,
        )


def _why(answers: Mapping[str, Answer]) -> str:
    """Why no role was found, in one word out of few."""
    answer = answers.get(ROLE_KEY)
    if answer is None:
        return "cannot-be-read"
    return answer.status if answer.status != "200" else "no-code"
