"""What a card's link carries into the app, and what of it is believed when it comes back.

It passes through the EHR and the browser: it names a plan, nothing of the patient, and may choose
a place on a page, nothing else.
"""

import json
import re

VERSION = 1
LONGEST = 1024

_PLAN = re.compile(r"itb-[a-z-]{1,40}", re.ASCII)


def app_context(plan_id: str) -> str:
    """The opaque text for a plan."""
    return json.dumps({"v": VERSION, "plan": plan_id}, separators=(",", ":"))


def plan_in(said: object) -> str:
    """The plan that an appContext names; '' when it is not one of ours."""
    if not isinstance(said, str) or len(said) > LONGEST:
        return ""
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(found, dict) or found.get("v") != VERSION:
        return ""
    plan = found.get("plan")
    return plan if isinstance(plan, str) and _PLAN.fullmatch(plan) else ""
