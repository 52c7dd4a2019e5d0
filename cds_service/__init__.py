"""ITB Pump CDS: decision support for people with an implanted intrathecal baclofen pump."""

__version__ = "0.1.0"

CANONICAL_BASE = "https://example.org/itb-pump-cds/fhir"
"""Base of every canonical URL we publish, a reserved name: adopters rename it here only."""
