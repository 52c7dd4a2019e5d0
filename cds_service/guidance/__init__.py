"""Plans, their conditions and what follows from a patient's facts. No FHIR, no HTTP, no clock."""
