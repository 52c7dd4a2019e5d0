"""The context of each hook: what it requires, and how its lack is refused."""

from typing import Any

import pytest

from cds_service.cds_hooks.contexts import USER_TYPES
from cds_service.cds_hooks.request import read_request
from cds_service.errors import RequestError
from tests.cds_hooks.hook_body import a_body, a_context, as_json

LONG_ID = "eFYr-." + "3" * 188
DRAFT = {"resourceType": "ServiceRequest", "id": "mri", "status": "draft"}
ORDERS = {"resourceType": "Bundle", "entry": [{"resource": DRAFT}]}
VISITS = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Appointment"}}]}
MEMBERS: dict[str, dict[str, Any]] = {
    "patient-view": {},
    "encounter-start": {"encounterId": "e1"},
    "encounter-discharge": {"encounterId": "e1"},
    "appointment-book": {"appointments": VISITS},
    "order-select": {"draftOrders": ORDERS, "selections": ["ServiceRequest/mri"]},
    "order-sign": {"draftOrders": ORDERS},
}


def call(hook: str, **members: Any) -> bytes:
    """A call of the hook with all it requires; a member given as None is left out."""
    return as_json(a_body(hook=hook, context=a_context(**(MEMBERS[hook] | members))))


def drafts(*resources: Any) -> dict[str, Any]:
    """A Bundle of these."""
    return {"resourceType": "Bundle", "entry": [{"resource": found} for found in resources]}


@pytest.mark.parametrize("hook", MEMBERS)
def test_a_hook_is_read_with_all_it_requires(hook: str):
    request = read_request(call(hook), hook)

    assert request.hook == request.occasion == hook
    assert set(request.context.proposed) == MEMBERS[hook].keys() & {"draftOrders", "appointments"}


REQUIRED = [(hook, member) for hook, members in MEMBERS.items() for member in members]


@pytest.mark.parametrize(("hook", "member"), REQUIRED)
def test_a_required_member_that_is_missing_is_named(hook: str, member: str):
    with pytest.raises(RequestError, match=f"^context: .*missing required field `{member}`"):
        read_request(call(hook, **{member: None}), hook)


WRONG: list[tuple[str, str, Any, str]] = [
    ("encounter-start", "encounterId", 5, "context.encounterId: Expected `str`"),
    ("encounter-discharge", "encounterId", " ", "context.encounterId: found an empty string"),
    ("order-sign", "draftOrders", "x", "context.draftOrders: Expected `object`"),
    ("order-sign", "draftOrders", [], "context.draftOrders: Expected `object`"),
    ("order-sign", "draftOrders", {}, "context.draftOrders: Object missing"),
    ("order-sign", "draftOrders", DRAFT, "context.draftOrders: found another kind"),
    (
        "order-sign",
        "draftOrders",
        {"resourceType": "Bundle", "entry": {}},
        "context.draftOrders.entry: Expected `array | null`",
    ),
    ("appointment-book", "appointments", "x", "context.appointments: Expected `object`"),
    ("appointment-book", "appointments", DRAFT, "context.appointments: found another kind"),
    ("order-select", "selections", "ServiceRequest/mri", "context.selections: Expected `array`"),
    ("order-select", "selections", [5], "context.selections[0]: Expected `str`"),
    ("order-select", "selections", ["mri"], "context.selections[0]: found something else"),
    (
        "order-select",
        "selections",
        ["ServiceRequest/mri", "ServiceRequest/other"],
        "context.selections[1]: found the name of a resource that is not there",
    ),
]


@pytest.mark.parametrize(("hook", "member", "value", "words"), WRONG)
def test_a_member_of_the_wrong_kind_is_named(hook: str, member: str, value: Any, words: str):
    with pytest.raises(RequestError) as refusal:
        read_request(call(hook, **{member: value}), hook)

    assert str(refusal.value).startswith(words)


@pytest.mark.parametrize("hook", MEMBERS)
@pytest.mark.parametrize(
    "kind", ["Practitioner", "PractitionerRole", "Patient", "RelatedPerson", "Device"]
)
def test_only_the_users_of_the_hook_library_are_accepted(hook: str, kind: str):
    body = call(hook, userId=f"{kind}/1")

    if kind in USER_TYPES[hook]:
        assert read_request(body, hook).is_by_patient is (kind in ("Patient", "RelatedPerson"))
    else:
        with pytest.raises(RequestError, match=r"^context\.userId: found something else"):
            read_request(body, hook)


@pytest.mark.parametrize(
    ("bundle", "selection"),
    [
        (drafts({**DRAFT, "id": LONG_ID}), f"ServiceRequest/{LONG_ID}"),
        (drafts("<html>", None, DRAFT), "ServiceRequest/mri"),
        (drafts(DRAFT), "https://ehr.example.org/r4/ServiceRequest/mri"),
        (
            {
                "resourceType": "Bundle",
                "entry": [
                    {
                        "fullUrl": "https://ehr.example.org/r4/ServiceRequest/7",
                        "resource": {"resourceType": "ServiceRequest"},
                    }
                ],
            },
            "ServiceRequest/7",
        ),
    ],
    ids=["194 characters", "beside entries that are none", "absolute", "named by its address"],
)
def test_a_selection_finds_its_draft_in_foreign_shapes(bundle: Any, selection: str):
    body = call("order-select", draftOrders=bundle, selections=[selection])

    assert read_request(body, "order-select").context.selections == (selection,)


def test_no_selection_at_all_is_accepted_and_selects_nothing():
    body = call("order-select", selections=[])

    assert read_request(body, "order-select").context.selections == ()
