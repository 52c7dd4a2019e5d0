"""Which trusted client sent the running request."""

from flask import g

from cds_service.settings import Client


def calling_client() -> Client | None:
    """The client whose token this request carried; None where nobody is asked for one."""
    client: Client | None = g.get("client")
    return client
