"""`itb-cds refresh`: reads all patients of the worklist once, in the foreground."""

import sys
from argparse import Namespace
from dataclasses import replace

from cds_service.app.log import start_log
from cds_service.app.population import manner_of, readable
from cds_service.app.wiring import wire, with_store
from cds_service.errors import SettingsError
from cds_service.settings import read_settings
from cds_service.store.refresh_ledger import Refresh, RefreshState


def refresh(options: Namespace) -> int:
    """Reads everybody, and says how far it is on standard error; 1 when anybody was not read."""
    settings = read_settings(options.config)
    start_log()
    found = readable(with_store(wire(settings))) if settings.store.folder else None
    if found is None:
        raise SettingsError(
            f"{settings.origin}: population and store.folder: expected [population] that says "
            "where the patients come from, and a folder for what is read. Add them."
        )
    manner = replace(manner_of(settings), lets_go=options.let_go, tell=_tell)
    done = found.read(manner)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(_in_words(done))
    return 0 if done.state is RefreshState.DONE and not done.failed else 1


def _tell(step: str) -> None:
    """In a terminal one line that changes; elsewhere the log's lines are enough."""
    if sys.stderr.isatty():
        print(f"\r{step}\x1b[K", end="", file=sys.stderr, flush=True)


def _in_words(done: Refresh) -> str:
    told = f"{done.state.value}: {done.good} of {done.number or 0} records read"
    told += f", {done.failed} could not be read" if done.failed else ""
    return f"{told}. {done.says}".rstrip()
