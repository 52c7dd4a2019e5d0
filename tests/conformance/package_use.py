"""SUSHI installs our package and derives a profile from it, as an implementer would."""

import io
import os
import shutil
import subprocess
import sys
import tarfile

from cds_service import __version__
from cds_service.app.wiring import wire
from cds_service.fhir.package import PACKAGE_ID, package
from cds_service.settings import Settings
from tests.conformance.tools import HOME, WORK, sushi

_PROJECT = WORK / "package-use"
_CONFIG = f"""FSHOnly: true
canonical: https://example.org/a-site
fhirVersion: 4.0.1
dependencies:
  {PACKAGE_ID}: {__version__}
  hl7.fhir.uv.tools.r4: 0.0.1
  hl7.terminology.r4: 0.0.1
  hl7.fhir.uv.extensions.r4: 0.0.1
"""
_SOURCE = """Profile: SitePump
Parent: ItbPump
Id: site-pump
* serialNumber 1..1

Instance: site-pump-example
InstanceOf: SitePump
Usage: #example
* status = #active
* type.text = "Intrathecal baclofen pump"
* serialNumber = "1"
* patient = Reference(Patient/example)
"""


def check() -> None:
    """Ends the conformance check when SUSHI cannot use the package."""
    program = sushi()
    installed = HOME / ".fhir/packages" / f"{PACKAGE_ID}#{__version__}"
    for folder in (installed, _PROJECT):
        shutil.rmtree(folder, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(package(wire(Settings()).artefacts))) as archive:
        archive.extractall(installed, filter="data")
    (_PROJECT / "input/fsh").mkdir(parents=True)
    (_PROJECT / "sushi-config.yaml").write_text(_CONFIG)
    (_PROJECT / "input/fsh/site.fsh").write_text(_SOURCE)
    done = subprocess.run(
        ["node", str(program), "build", str(_PROJECT)],
        env={**os.environ, "HOME": str(HOME)},
        capture_output=True,
        text=True,
        check=False,
    )
    made = _PROJECT / "fsh-generated/resources/StructureDefinition-site-pump.json"
    if done.returncode or not made.is_file():
        print(done.stdout, done.stderr)
        sys.exit("error: SUSHI cannot use our package")
    print(f"package: {PACKAGE_ID}#{__version__} installed by SUSHI, a profile derived from it")
