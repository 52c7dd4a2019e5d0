"""Every exception this service raises on purpose, in one tree.

Missing clinical facts are values, not exceptions: see `therapy.facts`.
"""

from typing import Any


class ItbCdsError(Exception):
    """Anything this service refuses: the text says what was found, expected, and what to do."""


class SettingsError(ItbCdsError):
    """The site's configuration cannot be used; the service does not start."""


class PlanError(ItbCdsError):
    """A PlanDefinition cannot be used; the service does not start."""


class ConditionError(PlanError):
    """An action's condition is outside the allowed subset of FHIRPath, or names an unknown fact."""


class RequestError(ItbCdsError):
    """A CDS Hooks request that cannot be understood as one (answered 400)."""


class RequiredDataMissingError(ItbCdsError):
    """Data without which nothing can be said are neither sent nor obtainable (answered 412)."""


class StoreError(ItbCdsError):
    """The store cannot keep or give back what it should; the text never quotes what is kept."""


class RefusedRecordError(StoreError):
    """The database takes others, and never this one: it contradicts what the tables allow."""


class ReplayError(ItbCdsError):
    """A card cannot be made again from what the ledger holds, and why."""


class InputError(ItbCdsError):
    """A file handed to the command line that is not one patient's FHIR Bundle."""


class UnitError(ItbCdsError):
    """A quantity whose unit is unknown, contradictory or of another kind than expected."""


class DateError(ItbCdsError):
    """A FHIR date or dateTime that cannot be read."""


class NotObtainedError(ItbCdsError):
    """Something asked of another server was not obtained.

    `status` is the word or number it is counted under; the text continues "The server ...".
    """

    def __init__(self, status: str, words: str) -> None:
        super().__init__(words)
        self.status = status


class UntrustedCallerError(ItbCdsError):
    """A caller did not prove who it is (answered 401, without a word).

    The text says why, for the log; `client` names whose token it claimed to be, where known.
    """

    def __init__(self, why: str, client: str = "") -> None:
        super().__init__(why)
        self.client = client


class SignInRefusedError(ItbCdsError):
    """Somebody cannot be signed in; the text says in words why, and holds no token."""


class UnknownSignInError(SignInRefusedError):
    """A browser came back from a sign-in that was not begun here, or not by it (answered 400)."""


class ChangeRefusedError(ItbCdsError):
    """A change to a task that is not allowed; `why` is a word for it, the text says it in full."""

    def __init__(self, why: str, words: str) -> None:
        super().__init__(words)
        self.why = why


class UnknownTaskError(ItbCdsError):
    """There is no task with this id (answered 404)."""


class ChangedMeanwhileError(ItbCdsError):
    """A task that somebody else has changed since it was looked at (answered 409).

    `current` is the task as it is now, `asked_version` the version the change was meant for.
    """

    def __init__(self, current: Any, asked_version: int) -> None:
        super().__init__(
            f"The task is at version {current.version}, the change was meant for version "
            f"{asked_version}: somebody else changed it. Look at both, and change it again."
        )
        self.current = current
        self.asked_version = asked_version


class MailError(ItbCdsError):
    """A mail could not be handed over; the text never names its content or its recipients."""


class AlreadyUnderWayError(ItbCdsError):
    """Another process is reading the population now, or has taken over from this one."""
