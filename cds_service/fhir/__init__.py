"""FHIR R4 JSON to therapy and guidance types, and back; FHIR element names appear only here."""
