"""The artefacts over HTTP: read, searched, paged, tagged, and as a package."""

import io
import json
import tarfile
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cds_service import CANONICAL_BASE
from cds_service.app.conformance import problems_of
from cds_service.app.wiring import wire
from cds_service.cds_hooks.discovery import PREFETCH_TEMPLATES
from cds_service.fhir.artefacts import KINDS
from cds_service.fhir.package import package
from cds_service.settings import Settings
from cds_service.therapy.vocabulary import FACTS
from cds_service.web import create_app

Json = dict[str, Any]
PUBLIC = "https://cds.example.org"
SERVICE = wire(Settings(stated_public_url=PUBLIC))
FHIR_JSON = "application/fhir+json"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(SERVICE).test_client()


def body(answer: TestResponse) -> Json:
    found: Json = json.loads(answer.data)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_artefact_of_a_kind_is_found_and_read(client: FlaskClient, kind: str):
    bundle = body(client.get(f"/fhir/{kind}?_count=200"))

    assert bundle["total"] == len(bundle["entry"]) > 0
    assert problems_of({**bundle, "entry": []}) == []
    for entry in bundle["entry"]:
        answer = client.get(entry["fullUrl"].removeprefix(PUBLIC))
        assert answer.status_code == 200
        assert answer.content_type == FHIR_JSON
        assert body(answer) == entry["resource"]


def test_metadata_says_what_is_here_and_is_valid(client: FlaskClient):
    statement = body(client.get("/fhir/metadata"))

    assert problems_of(statement) == []
    assert statement["implementation"]["url"] == f"{PUBLIC}/fhir"
    assert {found["type"] for found in statement["rest"][0]["resource"]} == {
        *KINDS,
        "Task",
        "CarePlan",
    }


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("_id=itb-refill", ["itb-refill"]),
        ("_id=itb-refill,itb-battery", ["itb-battery", "itb-refill"]),
        (f"url={CANONICAL_BASE}/PlanDefinition/itb-refill", ["itb-refill"]),
        ("name=itbref", ["itb-refill"]),
        ("name:exact=ItbRefill", ["itb-refill"]),
        ("name:exact=itbrefill", []),
        ("title:contains=BATTERY", ["itb-battery"]),
        ("_id=itb-refill&version=0.0.0", []),
        ("_id=itb-refill&status=draft", ["itb-refill"]),
    ],
)
def test_plans_are_searched(client: FlaskClient, query: str, ids: list[str]):
    bundle = body(client.get(f"/fhir/PlanDefinition?{query}"))
    assert [entry["resource"]["id"] for entry in bundle["entry"]] == ids


def test_a_long_list_is_read_page_by_page(client: FlaskClient):
    whole = body(client.get("/fhir/ValueSet?_count=200"))
    url, ids = f"{PUBLIC}/fhir/ValueSet?_count=4", []
    while url:
        bundle = body(client.get(url.removeprefix(PUBLIC)))
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        ids += [entry["resource"]["id"] for entry in bundle["entry"]]
        assert bundle["total"] == whole["total"]
        url = links.get("next", "")
    assert ids == [entry["resource"]["id"] for entry in whole["entry"]]
    assert links["previous"].startswith(f"{PUBLIC}/fhir/ValueSet?")
    assert body(client.get("/fhir/ValueSet?_count=0")) == {
        **whole,
        "entry": [],
        "link": [{"relation": "self", "url": f"{PUBLIC}/fhir/ValueSet?_count=0&_offset=0"}],
    }


@pytest.mark.parametrize("path", ["/fhir/PlanDefinition/itb-refill", "/fhir/package.tgz"])
def test_what_the_caller_has_already_is_not_sent_again(client: FlaskClient, path: str):
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    other = client.get(path, headers={"If-None-Match": 'W/"another"'})

    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.data) == (304, b"")
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("path", "headers", "status", "words"),
    [
        ("/fhir/Patient", {}, 404, "there are PlanDefinition"),
        ("/fhir/Patient/1", {}, 404, "there are PlanDefinition"),
        ("/fhir/PlanDefinition/none", {}, 404, "See GET /fhir/PlanDefinition"),
        ("/fhir/PlanDefinition?date=2026", {}, 400, "found 'date', expected _id, url"),
        ("/fhir/PlanDefinition?name:missing=true", {}, 400, "found 'name:missing'"),
        ("/fhir/PlanDefinition?_count=x", {}, 400, "_count is not a whole number"),
        ("/fhir/PlanDefinition?_count=-1", {}, 400, "_count is not a whole number"),
        ("/fhir/PlanDefinition", {"Accept": "application/fhir+xml"}, 406, "fhir+json only"),
        ("/fhir/PlanDefinition?_format=xml", {}, 406, "fhir+json only"),
        ("/fhir/a/b/c", {}, 404, ""),
    ],
)
def test_a_refusal_is_an_operation_outcome_with_a_remedy(
    client: FlaskClient, path: str, headers: dict[str, str], status: int, words: str
):
    answer = client.get(path, headers=headers)

    assert answer.status_code == status
    assert answer.content_type == FHIR_JSON
    assert problems_of(body(answer)) == []
    assert words in body(answer)["issue"][0]["details"]["text"]


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", FHIR_JSON, "text/html,application/json;q=0.5"]
)
def test_whoever_takes_json_gets_fhir(client: FlaskClient, accept: str):
    answer = client.get("/fhir/Library/itb-facts", headers={"Accept": accept})
    assert (answer.status_code, answer.content_type) == (200, FHIR_JSON)


def test_the_library_lists_every_fact_and_the_queries_of_discovery(client: FlaskClient):
    library = body(client.get("/fhir/Library/itb-facts"))

    assert problems_of(library) == []
    assert [found["name"] for found in library["parameter"]] == list(FACTS)
    assert {
        found["id"]: found["extension"][0]["valueString"] for found in library["dataRequirement"]
    } == PREFETCH_TEMPLATES


def test_a_site_sees_its_own_threshold_in_the_plan():
    service = wire(Settings(stated_public_url=PUBLIC, thresholds={"refillLeadDays": Decimal("10")}))
    client = create_app(service).test_client()

    served = threshold(body(client.get("/fhir/PlanDefinition/itb-refill")), "refillLeadDays")
    shipped = threshold(body(client.get("/fhir/PlanDefinition/itb-refill")), "upcomingDays")

    assert (served["value"], served["shippedValue"]) == (10, 7)
    assert "shippedValue" not in shipped


def threshold(plan: Json, name: str) -> Json:
    """The parts of a threshold of a plan, by their name."""
    for extension in plan["extension"]:
        parts = {
            part["url"]: part.get("valueString", part.get("valueDecimal"))
            for part in extension.get("extension", ())
        }
        if parts.get("name") == name:
            return parts
    raise AssertionError(name)


def test_the_package_holds_all_of_it_and_is_the_same_each_time():
    packed = package(SERVICE.artefacts)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        files = {
            found.name: json.loads(archive.extractfile(found).read())  # type: ignore[union-attr]
            for found in archive.getmembers()
        }

    assert packed == package(wire(Settings(stated_public_url="https://other.example")).artefacts)
    about = files["package/package.json"]
    assert (about["name"], about["fhirVersions"]) == ("org.example.itb-pump-cds", ["4.0.1"])
    indexed = {found["filename"] for found in files["package/.index.json"]["files"]}
    examples = {found["filename"] for found in files["package/example/.index.json"]["files"]}
    assert {f"package/{name}" for name in indexed} | {
        f"package/example/{name}" for name in examples
    } == {name for name in files if not name.endswith(("package.json", ".index.json"))}
    guide = files["package/ImplementationGuide-org.example.itb-pump-cds.json"]
    assert problems_of(guide) == []
    listed = [found["reference"]["reference"] for found in guide["definition"]["resource"]]
    assert len(listed) == len(indexed) + len(examples) - 1
    assert "PlanDefinition/itb-refill" in listed
