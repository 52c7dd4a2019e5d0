"""FHIR R4 JSON to therapy and guidance types, and back. The only place FHIR element names appear."""
