"""A site's own codes: read as ours wherever they stand, marked, and never at another's expense."""

from typing import Any

import pytest

from cds_service.errors import SettingsError
from cds_service.fhir.decoding import KEYS, read_source
from cds_service.fhir.pump_readings import PUMP_READERS
from cds_service.fhir.terminology.findings import SIGN_CODES
from cds_service.fhir.terminology.systems import PUMP_OBSERVATION
from cds_service.fhir.value_sets import VALUE_SETS, site_codes
from cds_service.therapy.record import Alarm, VisitKind
from cds_service.therapy.signs import Sign
from tests.fhir.builders import (
    CPT,
    RXNORM,
    SNOMED,
    Json,
    a_device,
    a_procedure,
    an_administration,
    an_observation,
    coded,
    raw,
    searchset,
    text,
)

SITE = "http://hospital.example/charges"


def decoded(key: str, value_set: str, *resources: Json, code: str = "REF01") -> list[Any]:
    mapped = site_codes({value_set: ((SITE, code),)}, "site.toml")
    return read_source(key, raw(searchset(*resources)), mapped).resources


@pytest.mark.parametrize("name", sorted(VALUE_SETS))
def test_a_code_in_any_value_set_is_read_as_what_the_set_means(name: str):
    (found,) = decoded("procedures", name, a_procedure(coded(SITE, "REF01")))
    meaning = VALUE_SETS[name].meaning
    assert [(coding.system, coding.code) for coding in found.code.coding] == [
        (SITE, "REF01"),
        (meaning.system, meaning.code),
    ]
    assert found.site_coded


def test_every_pump_reading_sign_alarm_and_visit_has_a_value_set():
    signs = {sign.value for sign in Sign if (PUMP_OBSERVATION, sign.value) in SIGN_CODES}
    alarms = {f"alarm-{alarm.value}" for alarm in Alarm}
    visits = {kind.value for kind in VisitKind}
    assert {*PUMP_READERS, *signs, *alarms, *visits} - set(VALUE_SETS) == set()


@pytest.mark.parametrize(
    ("key", "resource", "place"),
    [
        ("devices", a_device(type=coded(SITE, "REF01")), "type"),
        (
            "medicationAdministrations",
            an_administration(medicationCodeableConcept=coded(SITE, "REF01")),
            "medicationCodeableConcept",
        ),
        ("observations", an_observation(coded(SITE, "REF01")), "code"),
        (
            "observations",
            an_observation("pump-alarm", valueCodeableConcept=coded(SITE, "REF01")),
            "valueCodeableConcept",
        ),
    ],
    ids=["device", "drug", "observation", "value"],
)
def test_codes_are_read_wherever_a_concept_stands(key: str, resource: Json, place: str):
    (found,) = decoded(key, "pump-devices", resource)
    assert len(getattr(found, place).coding) == 2


def test_codes_are_read_in_routes_lists_and_contained_drugs():
    given = an_administration(
        dosage={"route": coded(SITE, "REF01")},
        contained=[{"resourceType": "Medication", "id": "d", "code": coded(SITE, "REF01")}],
    )
    (found,) = decoded("medicationAdministrations", "intrathecal-routes", given)
    assert len(found.dosage.route.coding) == 2
    assert len(found.contained[0].code.coding) == 2


@pytest.mark.parametrize(
    ("system", "code", "device"),
    [
        ("modelNumber", "SM2/20", {"modelNumber": "SM2/20", "type": None}),
        ("udi-di", "00000000000017", {"udiCarrier": [{"deviceIdentifier": "00000000000017"}]}),
        (SITE, "PUMP-A", {"type": coded(SITE, "PUMP-A"), "modelNumber": None}),
    ],
    ids=["model number", "device identifier", "type"],
)
def test_a_sites_pump_is_read_as_the_model_it_names(system: str, code: str, device: Json):
    mapped = site_codes({"pump-model-8637-40": ((system, code),)}, "site.toml")
    sent = raw(searchset(a_device(**{"modelNumber": None, "type": None, **device})))
    (found,) = read_source("devices", sent, mapped).resources
    assert [coding.display for coding in found.type.coding if coding.display] == [
        "SynchroMed II 8637-40"
    ]


def test_a_code_is_known_under_the_other_names_of_its_system():
    """The OID of CPT is CPT."""
    mapped = site_codes({"refill-procedures": (("urn:oid:2.16.840.1.113883.6.12", "0999T"),)}, "f")
    sent = raw(searchset(a_procedure(coded(CPT, "0999T"))))
    (found,) = read_source("procedures", sent, mapped).resources
    assert len(found.code.coding) == 2


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(coded("http://other.example", "REF01"), id="of another system"),
        pytest.param(coded(SITE, "ref01"), id="in other letters"),
        pytest.param(text("REF01"), id="in words"),
        pytest.param({"coding": [{"code": "REF01"}]}, id="without system"),
    ],
)
def test_only_the_code_as_it_was_written_is_translated(code: Json):
    (found,) = decoded("procedures", "refill-procedures", a_procedure(code))
    assert not found.site_coded
    assert len(found.code.coding) == len(code.get("coding", ()))


@pytest.mark.parametrize("key", sorted(KEYS))
def test_without_codes_of_the_site_nothing_is_touched(key: str):
    sent = raw(searchset(a_procedure(coded(SITE, "REF01"))))
    assert [found.site_coded for found in read_source(key, sent).resources] in ([], [False])


@pytest.mark.parametrize(
    ("named", "words"),
    [
        pytest.param(
            {"refills": ((SITE, "A"),)},
            "value_sets.refills: found an unknown value set, expected one of ",
            id="unknown name",
        ),
        pytest.param(
            {"refill-procedures": ((CPT, "62362"),)},
            f"value_sets.refill-procedures: found {CPT}|62362, which pump-insertions holds already",
            id="held by another set",
        ),
        pytest.param(
            {"refill-procedures": ((CPT, "95990"),)}, "refill-procedures holds already", id="held"
        ),
        pytest.param(
            {"pump-insertions": ((SITE, "A"),), "pump-removals": ((SITE, "A"),)},
            "which pump-insertions lists too",
            id="in two sets of the site",
        ),
        pytest.param(
            {"daily-dose": ((SITE, "A"), (SITE, "A"))}, "which daily-dose lists too", id="twice"
        ),
        pytest.param(
            {"pump-devices": ((SNOMED, "69805005"),)},
            "which stands for an insulin pump",
            id="decoy",
        ),
        pytest.param(
            {"intrathecal-baclofen": ((RXNORM, "8163"),)},
            "which stands for not baclofen",
            id="rejected",
        ),
        pytest.param(
            {"photophobia": ((SNOMED, "91175000"),)}, "which the signs holds already", id="a sign"
        ),
        pytest.param(
            {"daily-dose": ((PUMP_OBSERVATION, "drug-concentration"),)},
            "which drug-concentration holds already",
            id="our own code",
        ),
    ],
)
def test_a_mapping_that_contradicts_what_is_known_is_refused(named: Any, words: str):
    with pytest.raises(SettingsError) as refused:
        site_codes(named, "site.toml")
    assert str(refused.value).startswith("site.toml: value_sets.")
    assert words in str(refused.value)
