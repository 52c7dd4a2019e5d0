"""HTTP: the only room that knows Flask. It reads requests, asks below, and writes answers."""

from cds_service.web.application import create_app
from cds_service.web.service import Service

__all__ = ["Service", "create_app"]
