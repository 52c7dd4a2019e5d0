import pytest
from structlog.testing import capture_logs

from cds_service.assessment import Occasion
from cds_service.cds_hooks.contexts import USER_TYPES
from cds_service.errors import RequiredDataMissingError
from cds_service.guidance.plan import COULD_NOT_CHECK, Urgency
from tests.cds_hooks.advice import advice
from tests.cds_hooks.hook_body import HOOK_INSTANCE, NO_PUMP, a_body, a_context, as_json
from tests.cds_hooks.test_contexts import call
from tests.cds_hooks.wire_schema import checked_discovery, checked_outcome, checked_response
from tests.web.conftest import FakeAssessment, a_pump_with
from tests.web.served import Caller


def test_discovery_offers_the_service_with_all_prefetch_keys(caller: Caller):
    answer = caller.get("/cds-services")

    assert answer.status_code == 200
    offered = checked_discovery(answer.content)["services"]
    assert [service["id"] for service in offered] == [f"itb-{hook}" for hook in USER_TYPES]
    assert {len(service["prefetch"]) for service in offered} == {10}


def test_a_patient_without_a_pump_gets_no_cards(caller: Caller, assessment: FakeAssessment):
    answer = caller.post(as_json(a_body()))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.content == b'{"cards":[]}'
    assert assessment.asked == [("p1", set(NO_PUMP), Occasion("patient-view"))]


def test_recommendations_come_back_as_cards(caller: Caller, assessment: FakeAssessment):
    assessment.answer = lambda: a_pump_with(
        advice("itbRefillDue", Urgency.WARNING), advice(COULD_NOT_CHECK, Urgency.INFO)
    )

    answer = caller.post(as_json(a_body()))

    assert answer.status_code == 200
    cards = checked_response(answer.content)
    assert [card["source"]["topic"]["code"] for card in cards] == ["itbRefillDue", COULD_NOT_CHECK]
    assert cards[0]["links"][0]["url"] == "https://cds.example.org/plans/itb-refill"


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/fhir+json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
    ],
)
def test_json_is_accepted_under_its_media_types(caller: Caller, media_type: str):
    assert caller.post(as_json(a_body()), Content_Type=media_type).status_code == 200


def test_every_answer_forbids_caching_sniffing_and_embedding(caller: Caller):
    for answer in (
        caller.get("/cds-services"),
        caller.post(as_json(a_body())),
        caller.post(b""),
        caller.get("/nothing-here"),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "Server" not in answer.headers


def test_each_answer_is_logged_without_the_patient(caller: Caller, assessment: FakeAssessment):
    assessment.answer = lambda: a_pump_with(advice("itbRefillDue"))
    body = a_body(context=a_context(patientId="patient-4711", userId="Practitioner/jane-doe"))

    with capture_logs() as lines:
        caller.post(as_json(body))

    (line,) = lines
    assert line["hookInstance"] == HOOK_INSTANCE
    assert line["service"] == "itb-patient-view"
    assert line["topics"] == ["itbRefillDue"]
    assert line["ms"] >= 0
    assert "4711" not in str(line)
    assert "jane" not in str(line)


def test_missing_required_data_is_412_and_seen_in_log_and_metrics(
    caller: Caller, assessment: FakeAssessment
):
    def no_devices():
        raise RequiredDataMissingError("devices: not sent, expected a Bundle. Send them.")

    assessment.answer = no_devices
    before = counted(caller, "itb_cds_required_data_missing_total")

    with capture_logs() as lines:
        answer = caller.post(as_json(a_body(prefetch={"patient": None, "Jane Doe": None})))

    assert answer.status_code == 412
    assert checked_outcome(answer.content) == "devices: not sent, expected a Bundle. Send them."
    noted = next(line for line in lines if line["event"] == "required data missing")
    assert noted["log_level"] == "warning"
    assert noted["prefetch"]["patient"] == "null"
    assert noted["prefetch"]["devices"] == "absent"
    assert "Jane Doe" not in noted["prefetch"]
    assert counted(caller, "itb_cds_required_data_missing_total") == before + 1


def test_answers_and_cards_are_counted(caller: Caller, assessment: FakeAssessment):
    assessment.answer = lambda: a_pump_with(advice("itbBatteryPlan", Urgency.INFO))
    answers = 'itb_cds_hook_answers_total{pump="yes",service="itb-patient-view"}'
    sent = 'itb_cds_cards_total{topic="itbBatteryPlan"}'
    before = counted(caller, answers), counted(caller, sent)

    caller.post(as_json(a_body()))

    assert (counted(caller, answers), counted(caller, sent)) == (before[0] + 1, before[1] + 1)


def counted(caller: Caller, series: str) -> float:
    for line in caller.get("/metrics").text.splitlines():
        name, _, value = line.rpartition(" ")
        if name == series:
            return float(value)
    return 0.0


def test_health_says_live_ready_and_which_clock_runs(caller: Caller):
    assert caller.get("/health/live").json() == {"status": "live"}
    assert caller.get("/health/ready").json() == {
        "status": "ready",
        "plans": {"itb-refill": "0.1.0"},
        "timeZone": "UTC",
        "clock": "fixed at 2026-11-22T09:00:00+00:00",
        "store": "none",
    }


@pytest.mark.parametrize("user", ["Patient/p1", "RelatedPerson/mother"])
def test_cards_for_clinicians_are_withheld_from_a_patient_and_counted(
    caller: Caller, assessment: FakeAssessment, user: str
):
    assessment.answer = lambda: a_pump_with(advice("itbRefillDue"))

    with capture_logs() as lines:
        answer = caller.post(as_json(a_body(context=a_context(userId=user))))

    assert answer.content == b'{"cards":[]}'
    (told,) = [line for line in lines if line["event"] == "cards withheld"]
    assert told["withheld"] == ["itbRefillDue: patient"]
    counted = 'itb_cds_cards_withheld_total{topic="itbRefillDue",why="patient"}'
    assert counted in caller.get("/metrics").text


def test_the_trigger_of_an_ehr_is_answered_as_what_it_stands_for(
    caller: Caller, assessment: FakeAssessment
):
    prefix = "com.epic.cdshooks.request."
    extension = {f"{prefix}bpa-trigger-action": "27", f"{prefix}criteria-id": "4711"}

    with capture_logs() as lines:
        caller.post(as_json(a_body(extension=extension)))

    assert assessment.asked == [("p1", set(NO_PUMP), Occasion("encounter-discharge"))]
    assert lines[0]["criteria"] == "4711"
    assert lines[0]["trigger"] == "inpatient discharge"


@pytest.mark.parametrize("hook", USER_TYPES)
def test_each_service_answers_its_hook(caller: Caller, assessment: FakeAssessment, hook: str):
    answer = caller.post(call(hook), f"/cds-services/itb-{hook}")

    assert answer.content == b'{"cards":[]}'
    assert [occasion.hook for _, _, occasion in assessment.asked] == [hook]
