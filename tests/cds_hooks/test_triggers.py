"""Epic's trigger codes: the occasion behind a patient-view."""

from typing import Any

import pytest

from cds_service.cds_hooks.request import read_request
from tests.cds_hooks.hook_body import a_body, as_json
from tests.cds_hooks.test_contexts import call

PREFIX = "com.epic.cdshooks.request."


def viewed(**extension: Any):
    sent = {PREFIX + name.replace("_", "-"): value for name, value in extension.items()}
    return read_request(as_json(a_body(extension=sent)), "patient-view")


@pytest.mark.parametrize(
    ("code", "name", "occasion"),
    [
        ("5", "general", "patient-view"),
        ("18", "enter order", "patient-view"),
        ("23", "sign orders", "patient-view"),
        ("26", "inpatient admission", "encounter-start"),
        ("27", "inpatient discharge", "encounter-discharge"),
        ("29", "inpatient transfer", "patient-view"),
        ("60", "open chart", "patient-view"),
        (27, "inpatient discharge", "encounter-discharge"),
        ("999", "", "patient-view"),
        (["27"], "", "patient-view"),
        (None, "", "patient-view"),
        (True, "", "patient-view"),
    ],
)
def test_the_trigger_tells_the_occasion(code: object, name: str, occasion: str):
    request = viewed(bpa_trigger_action=code)

    assert (request.trigger.name, request.occasion) == (name, occasion)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("12345", "12345"), ("Jane Doe, 1970", ""), ("x" * 65, ""), ({"id": 1}, ""), (77, "77")],
)
def test_the_criteria_id_is_kept_for_the_log_only_when_it_is_an_id(sent: object, kept: str):
    assert viewed(criteria_id=sent).trigger.criteria_id == kept


@pytest.mark.parametrize("extension", ["x", [], 5, {"a": {"b": []}}, None])
def test_an_extension_of_any_shape_is_tolerated(extension: object):
    request = read_request(as_json(a_body() | {"extension": extension}), "patient-view")

    assert request.occasion == "patient-view"


def test_another_hook_than_patient_view_is_answered_as_itself():
    sent = call("order-sign")[:-1] + b', "extension": {"%sbpa-trigger-action": "27"}}'
    request = read_request(sent.replace(b"%s", PREFIX.encode()), "order-sign")

    assert request.occasion == "order-sign"
