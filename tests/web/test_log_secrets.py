"""What is a patient's or a secret appears in no log line, counter, header or refusal."""

import json
from datetime import date
from typing import Any

import pytest

from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from tests.ehr.fhir_double import FhirDouble, fhir_double
from tests.ehr.tokens import claims
from tests.web.trusted_site import ACCESS_TOKEN, PATH, PUBLIC, SIGNER, TrustedSite, trusted_site

TODAY = date(2026, 11, 22)
PATIENT = "canary-patient-id"
CANARIES = ("Canary", "canary", "1901-01-01", ACCESS_TOKEN)


def chart() -> dict[str, Any]:
    """A pump patient whose every name, id, date of birth and address is a canary."""
    sent = dict(prefetch(PATIENTS["demo-004"].chart(TODAY), TODAY, Faults()))
    text = json.dumps(sent).replace("demo-004", PATIENT)
    told: dict[str, Any] = json.loads(text)
    told["patient"] |= {
        "name": [{"family": "Canary", "given": ["Canary"]}],
        "birthDate": "1901-01-01",
        "address": [{"text": "Canary Street"}],
    }
    return told


def calls(site: TrustedSite, double: FhirDouble) -> list[str]:
    """Everything that was answered beside the cards, for many kinds of calls."""
    sent = chart()
    broken = sent | {"observations": {"resourceType": "Canary"}, "devices": "Canary"}
    token = SIGNER.token(claims(PUBLIC + PATH, canary="canary"))
    told = []
    for _ in range(20):
        double.otherwise = lambda exchange: exchange.answer({"canary": "Canary"}, 500)
        site.cards(sent, PATIENT)
        site.hook({key: sent[key] for key in ("patient", "devices", "procedures")}, PATIENT)
        site.hook(broken, PATIENT)
        told += [
            site.hook({}, PATIENT).text,
            site.hook({}, PATIENT, hook="a canary").text,
            site.hook({}, PATIENT, fhirServer="https://canary:canary@ehr.example/?canary").text,
            site.hook({}, PATIENT, context={"patientId": PATIENT, "userId": "canary"}).text,
            site.caller.post(b'{"canary": ', PATH, Authorization=f"Bearer {token}").text,
            site.caller.post(b"{}", PATH, Authorization="Bearer canary.canary.canary").text,
            site.caller.get("/cds-services/canary").text,
        ]
    return told


def test_no_canary_gets_out(
    capfd: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
):
    with fhir_double() as double:
        folder = tmp_path_factory.mktemp("site")
        with trusted_site(folder, double.address) as site:
            told = calls(site, double)
            counters = site.caller.get("/metrics").text
    written = "".join(capfd.readouterr())

    assert "hook answered" in written
    assert "itb_cds_fhir_reads_total" in counters
    assert "itb_cds_could_not_check_total" in counters
    for canary in CANARIES:
        assert canary not in written
        assert canary not in counters
        assert not any(canary in each for each in told), canary
    lines = written.count("\n")
    print(f"{len(told) + 60} calls, {lines} log lines: no canary")  # noqa: T201
