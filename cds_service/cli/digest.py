"""`itb-cds digest`: the morning digest as it would be sent now."""

from argparse import Namespace

from cds_service.app.clock import running_clock
from cds_service.app.watch import digest_of
from cds_service.settings import read_settings
from cds_service.store.open_store import open_store


def print_digest(options: Namespace) -> int:
    """Prints subject and text; 0 when done. Names stand in it when the site allows them."""
    settings = read_settings(options.config)
    clock = running_clock(settings.time_zone)
    store = open_store(settings.store.folder, clock, settings.store)
    subject, body = digest_of(settings, store, clock())
    print(f"{subject}\n\n{body}", end="")
    return 0
