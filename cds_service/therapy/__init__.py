"""Intrathecal baclofen therapy in clinicians' words: quantities, record, arithmetic, facts.

No FHIR element names, no HTTP, no clock. Thresholds a clinician may argue about stand in `plans/`.
"""
