"""The EHR's side: its FHIR server, read over HTTP, and the keys by which trusted clients sign.

Nothing is ever fetched that the site's configuration does not name.
"""
