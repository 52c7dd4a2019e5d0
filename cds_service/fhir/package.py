"""The FHIR package (.tgz): the artefacts and examples, installable by SUSHI and IG tools.

The same artefacts give the same bytes: file times are fixed, names are sorted.
"""

import gzip
import io
import tarfile
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from cds_service import CANONICAL_BASE, __version__
from cds_service.fhir.artefacts import Artefact, Artefacts

PACKAGE_ID = "org.example.itb-pump-cds"
_TITLE = "ITB Pump CDS"
_DESCRIPTION = (
    "Profiles, terminology and plans of decision support for people with an implanted intrathecal "
    "baclofen pump."
)
_DATE = "2026-11-22"
_PUBLISHER = "ITB Pump CDS maintainers"
_SECONDS = 1_795_305_600  # 2026-11-22T00:00:00Z, the time of every file


def package(found: Artefacts) -> bytes:
    """The package as a gzipped tar archive."""
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=_SECONDS, filename="") as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, body in sorted(_files(found)):
            about = tarfile.TarInfo(f"package/{name}")
            about.size, about.mtime, about.mode = len(body), _SECONDS, 0o644
            archive.addfile(about, io.BytesIO(body))
    return out.getvalue()


def implementation_guide(found: Artefacts) -> dict[str, Any]:
    """The ImplementationGuide: everything in the package, and what each example shows."""
    return {
        "resourceType": "ImplementationGuide",
        "id": PACKAGE_ID,
        "url": f"{CANONICAL_BASE}/ImplementationGuide/{PACKAGE_ID}",
        "version": __version__,
        "name": "ItbPumpCds",
        "title": _TITLE,
        "status": "draft",
        "experimental": True,
        "date": _DATE,
        "publisher": _PUBLISHER,
        "description": _DESCRIPTION,
        "packageId": PACKAGE_ID,
        "license": "Apache-2.0",
        "fhirVersion": ["4.0.1"],
        "definition": {
            "resource": [
                *(_listed(each) for each in found.published),
                *(_listed(each, example=True) for each in found.examples),
            ],
            "page": {
                "nameUrl": "index.html",
                "title": _TITLE,
                "generation": "markdown",
            },
        },
    }


def _listed(each: Artefact, *, example: bool = False) -> dict[str, Any]:
    resource = each.resource
    profiles = resource.get("meta", {}).get("profile", ())
    kind = {"exampleCanonical": profiles[0]} if profiles else {"exampleBoolean": example}
    return {
        "reference": {"reference": f"{each.kind}/{each.id}"},
        "name": resource.get("title", each.id),
        **kind,
    }


def _files(found: Artefacts) -> Iterator[tuple[str, bytes]]:
    guide = Artefact(implementation_guide(found))
    published = [guide, *found.published]
    yield "package.json", _encoded(_manifest())
    yield ".index.json", _encoded(_index(published))
    yield "example/.index.json", _encoded(_index(found.examples))
    for each in published:
        yield _name(each), each.body
    for each in found.examples:
        yield f"example/{_name(each)}", each.body


def _manifest() -> dict[str, Any]:
    return {
        "name": PACKAGE_ID,
        "version": __version__,
        "canonical": CANONICAL_BASE,
        "url": CANONICAL_BASE,
        "title": _TITLE,
        "description": _DESCRIPTION,
        "type": "fhir.ig",
        "license": "Apache-2.0",
        "author": _PUBLISHER,
        "date": _DATE.replace("-", ""),
        "fhirVersions": ["4.0.1"],
        "jurisdiction": "http://unstats.un.org/unsd/methods/m49/m49.htm#001",
        "dependencies": {"hl7.fhir.r4.core": "4.0.1"},
    }


def _index(found: tuple[Artefact, ...] | list[Artefact]) -> dict[str, Any]:
    return {"index-version": 1, "files": [_entry(each) for each in found]}


def _entry(each: Artefact) -> Mapping[str, Any]:
    names = ("id", "url", "version", "kind", "type")
    told = {name: each.resource[name] for name in names if isinstance(each.resource.get(name), str)}
    return {"filename": _name(each), "resourceType": each.kind, **told}


def _name(each: Artefact) -> str:
    return f"{each.kind}-{each.id}.json"


def _encoded(content: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(content), indent=2)
