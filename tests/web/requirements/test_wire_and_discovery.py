"""CDS Hooks 2.0, sections "Use of JSON" and "Discovery": requirements 1 to 15."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cds_service.app.conformance import problems_of
from cds_service.errors import SettingsError
from cds_service.settings import read_settings
from tests.web.requirements.conftest import get, post, values_in
from tests.web.trusted_site import PATH, TrustedSite

SANCTIONED_EMPTY = {"cards", "services"}


@pytest.fixture
def services(site: TrustedSite) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(site).json()["services"]
    return found


def strict(body: bytes) -> object:
    """The body read by a parser that takes no NaN, no comment and nothing behind it."""

    def refused(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(body, parse_constant=refused)


def test_requirement_01_all_that_is_sent_is_json(site: TrustedSite):
    told = [
        get(site),
        site.hook(),
        site.hook({}),
        post(site, {"feedback": []}, f"{PATH}/feedback"),
        post(site, {}, PATH),
        get(site, "/cds-services/nowhere"),
    ]

    assert [each.status_code for each in told] == [200, 200, 200, 200, 400, 405]
    assert {each.headers["Content-Type"] for each in told} == {"application/json"}
    assert all(each.json() for each in told)


def test_requirement_01_a_fhir_server_outside_the_own_network_is_https(tmp_path: Path):
    (tmp_path / "keys.json").write_text('{"keys": []}')
    site = tmp_path / "site.toml"
    site.write_text(
        '[[clients]]\nname = "n"\niss = "i"\njwks = "keys.json"\n'
        'fhir_servers = ["http://ehr.example.org"]\n'
    )

    with pytest.raises(SettingsError, match="https addresses"):
        read_settings(site, environment={})


def test_requirement_02_fhir_inside_a_card_is_ordinary_fhir_json(actions: list[dict[str, Any]]):
    created = {json.dumps(action["resource"], sort_keys=True) for action in actions}

    assert [fault for each in created for fault in problems_of(json.loads(each))] == []


def test_requirement_03_the_json_is_strict(site: TrustedSite, answers: dict[str, bytes]):
    for body in (*answers.values(), get(site).content, site.hook({}).content):
        strict(body)


def test_requirement_04_null_is_never_sent(site: TrustedSite, answers: dict[str, bytes]):
    for body in (*answers.values(), get(site).content):
        assert [name for name, value in values_in(json.loads(body)) if value is None] == []


def test_requirement_05_nothing_empty_is_sent_but_no_cards(
    site: TrustedSite, answers: dict[str, bytes]
):
    for body in (*answers.values(), get(site).content):
        empty = {name for name, value in values_in(json.loads(body)) if value in ("", [], {})}
        assert empty <= SANCTIONED_EMPTY


def test_requirement_06_discovery_is_at_cds_services(site: TrustedSite):
    assert get(site, "/cds-services").status_code == 200


def test_requirement_07_discovery_is_an_object_with_services(site: TrustedSite):
    document = get(site).json()

    assert list(document) == ["services"]
    assert isinstance(document["services"], list)


def test_requirement_08_the_list_is_never_empty_for_six_services_are_hosted(
    services: list[dict[str, Any]],
):
    assert len(services) == 6


def test_requirement_09_each_service_has_hook_description_and_the_id_of_its_address(
    site: TrustedSite, services: list[dict[str, Any]]
):
    for service in services:
        assert all(isinstance(service[name], str) for name in ("hook", "description", "id"))
        # A body that is no call is refused as such: the address is there.
        assert post(site, {}, f"/cds-services/{service['id']}").status_code == 400


def test_requirement_10_each_has_title_prefetch_and_what_it_needs(services: list[dict[str, Any]]):
    for service in services:
        assert service["title"]
        assert all(isinstance(text, str) for pair in service["prefetch"].items() for text in pair)
        assert "FHIR R4" in service["usageRequirements"]
        assert "mL" in service["usageRequirements"]


def test_requirement_11_the_version_of_the_specification_is_stated(services: list[dict[str, Any]]):
    for service in services:
        assert re.fullmatch(r"2\.0\.\d", service["version"])
        assert "hookVersion" not in service


def test_requirement_12_discovery_without_a_token_is_refused_with_a_client_error(
    site: TrustedSite,
):
    assert site.caller.get("/cds-services").status_code == 401


def test_requirement_13_no_id_stands_for_two_hooks(services: list[dict[str, Any]]):
    assert set(Counter(service["id"] for service in services).values()) == {1}
    assert set(Counter(service["hook"] for service in services).values()) == {1}


def test_requirement_14_what_can_be_called_is_documented_for_people(site: TrustedSite):
    page = site.caller.get("/capabilities")

    assert page.headers["Content-Type"].startswith("text/html")
    for each in ("itb-patient-view", "itb-order-sign", "prefetch", "epic", "oracle"):
        assert each in page.text


def test_requirement_14_what_clients_may_not_know_is_not_sent(answers: dict[str, bytes]):
    for body in answers.values():
        assert b"actionSelectionBehavior" not in body


def test_requirement_15_discovery_takes_a_token_for_its_own_address_only(site: TrustedSite):
    assert get(site).status_code == 200
    assert get(site, aud="https://cds.example.org/cds-services/itb-patient-view").status_code == 401
