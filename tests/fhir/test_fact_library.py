"""The Library of facts: a version always means the same facts."""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from cds_service.app.wiring import wire
from cds_service.cds_hooks.discovery import PREFETCH_TEMPLATES
from cds_service.fhir.fact_library import FACT_LIBRARY, VERSION, fact_library
from cds_service.settings import Settings

Json = dict[str, Any]
VERSIONS = Path(__file__).parent / "fact_library_versions.toml"


def digest(library: Json) -> str:
    """What the facts are, in whatever order they are listed."""
    facts = sorted(library["parameter"], key=lambda found: str(found["name"]))
    written = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def test_the_facts_of_a_version_never_change():
    found = digest(fact_library(PREFETCH_TEMPLATES))
    known = tomllib.loads(VERSIONS.read_text())["version"]
    assert known.get(VERSION) == found, (
        "the facts changed: raise VERSION in cds_service/fhir/fact_library.py, and add to "
        f'{VERSIONS.name}: "<the new version>" = "{found}"'
    )
    assert len(set(known.values())) == len(known)


def test_a_changed_meaning_is_a_change():
    library = fact_library(PREFETCH_TEMPLATES)
    first, *others = library["parameter"]
    other = {**library, "parameter": [{**first, "documentation": "something else"}, *others]}
    turned = {**library, "parameter": [*others, first]}
    assert digest(other) != digest(library)
    assert digest(turned) == digest(library)


def test_every_plan_is_published_with_the_version_of_the_facts_it_names():
    published = wire(Settings()).artefacts.published
    versions = [found.resource["version"] for found in published if found.id == "itb-facts"]
    assert versions == [VERSION]
    plans = [found for found in published if found.kind == "PlanDefinition"]
    assert plans
    assert {tuple(plan.resource["library"]) for plan in plans} == {(f"{FACT_LIBRARY}|{VERSION}",)}
