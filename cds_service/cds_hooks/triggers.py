"""What made an EHR call that has few hooks and says the true occasion in an extension.

Epic sends admission and discharge as `patient-view`, with the code of the native trigger in
`extension` (Epic on FHIR, CDS Hooks documentation; the codes read there are the ones named here).
Its order triggers bring no draft orders under `patient-view`: they are answered as chart opens.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Raw

_ACTION = "com.epic.cdshooks.request.bpa-trigger-action"
_CRITERIA = "com.epic.cdshooks.request.criteria-id"
TRIGGERS: Mapping[str, tuple[str, str]] = {
    "5": ("general", "patient-view"),
    "6": ("enter problem", "patient-view"),
    "7": ("enter diagnosis", "patient-view"),
    "18": ("enter order", "patient-view"),
    "23": ("sign orders", "patient-view"),
    "26": ("inpatient admission", "encounter-start"),
    "27": ("inpatient discharge", "encounter-discharge"),
    "29": ("inpatient transfer", "patient-view"),
    "60": ("open chart", "patient-view"),
}
"""Epic's trigger codes: what each is, and the hook whose advice fits."""

_LOGGABLE = re.compile(r"[\w.:-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why the EHR called, as it says itself; empty where it says nothing that is known.

    `criteria_id` is the EHR's own rule that let the call pass: it finds the rule again in a log.
    """

    name: str = ""
    hook: str = ""
    criteria_id: str = ""


NO_TRIGGER = Trigger()


def read_trigger(extension: Raw) -> Trigger:
    """The trigger in a request's `extension`; what cannot be read is no trigger."""
    if not bytes(extension):
        return NO_TRIGGER
    try:
        members = msgspec.json.decode(extension, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return NO_TRIGGER
    name, hook = TRIGGERS.get(_plain(members.get(_ACTION)), ("", ""))
    return Trigger(name, hook, _plain(members.get(_CRITERIA)))


def _plain(value: object) -> str:
    """A code as text; nothing for what is too long or too odd to be one, and might be anything."""
    text = str(value) if isinstance(value, str | int) else ""
    return text if _LOGGABLE.fullmatch(text) else ""
