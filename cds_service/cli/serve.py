"""`itb-cds serve` and `itb-cds demo`."""

from argparse import Namespace
from dataclasses import replace

from cds_service.app.log import start_log
from cds_service.app.population import with_population
from cds_service.app.server import serve as serve_app
from cds_service.app.wiring import wire, with_store
from cds_service.settings import DEFAULT_HOST, check_exposure, read_settings, with_address
from cds_service.web import create_app


def serve(options: Namespace) -> int:
    """Serves until it is stopped."""
    settings = with_address(read_settings(options.config), options.host, options.port)
    if options.no_client_authentication:
        settings = replace(settings, client_authentication="off")
    service = wire(settings, options.as_of)
    check_exposure(settings)
    service = with_population(with_store(service))
    start_log()
    serve_app(create_app(service), service)
    return 0


def demo(options: Namespace) -> int:
    """Serves the demo until it is stopped."""
    # The demo's pages and patients are nothing that `serve` should load.
    from cds_service.app.demo import run_demo  # noqa: PLC0415

    settings = with_address(read_settings(), None, options.port)
    start_log()
    run_demo(settings, options.as_of, lambda: _greet(settings.port))
    return 0


def _greet(port: int) -> None:
    """Prints the addresses to open, one a line."""
    address = f"http://{DEFAULT_HOST}:{port}"
    print(f"Open {address}/ (the demo EHR: pick a patient, see the cards)")
    print(f"or   {address}/worklist (the coordinator's worklist). Ctrl-C stops it.", flush=True)
