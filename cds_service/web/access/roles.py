"""Which role may use which page: the one table. What does not stand in it is refused."""

from collections.abc import Mapping

from cds_service.web.access.person import Role

_CARE = frozenset({Role.COORDINATOR, Role.CLINICIAN})
_COORDINATOR = frozenset({Role.COORDINATOR})
_CLINICIAN = frozenset({Role.CLINICIAN})
_IT = frozenset({Role.IT})
_EVERYONE = frozenset(Role)

PAGES: Mapping[str, frozenset[Role]] = {
    "worklist.show": _CARE,
    "worklist.find": _CARE,
    "worklist.export": _CARE,
    "worklist.printed": _CARE,
    "worklist.guide": _CARE,
    "worklist.assign": _CARE,
    "worklist.refresh": _CARE,
    "worklist.save_view": _CARE,
    "worklist.delete_view": _CARE,
    "tasks.show": _CARE,
    "tasks.change": _CARE,
    "tasks.put_away": _CARE,
    "patients.show": _CARE,
    "patients.add_note": _CARE,
    "patients.suppose": _CARE,
    "handout.show": _CARE,
    "handout.release": _CLINICIAN,
    "readings.show": _CARE,
    "readings.keep": _CARE,
    "readings.withdraw": _CARE,
    "readings.settle": _CARE,
    "it.show": _IT,
    "it.audit": _IT,
    "tasks.add": _CARE,
    "session.sign_out": _EVERYONE,
    "session.stay": _EVERYONE,
    "session.switch": _EVERYONE,
    "session.keep": _EVERYONE,
    "kept_form.show": _EVERYONE,
    "kept_form.drop": _EVERYONE,
}
"""The roles that may use a page, by Flask endpoint.

A session that a launch bound to one patient reaches, whatever its role, that patient's own pages
alone (their address names the patient) and `WITHOUT_PATIENT`.
"""

WITHOUT_PATIENT = frozenset(
    {
        *("tasks.show", "tasks.change", "tasks.put_away"),
        *("session.sign_out", "session.stay", "session.switch", "session.keep"),
        *("kept_form.show", "kept_form.drop"),
    }
)
"""Pages without a patient in the address: a task's page looks itself whose it is."""


def home(role: Role) -> str:
    """The page with which a role begins."""
    return "/it" if role is Role.IT else "/worklist"
