"""The demo: the service, and a page that plays the EHR, on this machine only."""

from dataclasses import replace
from wsgiref.types import WSGIApplication

from cds_service.app.server import serve
from cds_service.app.wiring import wire, with_store
from cds_service.settings import DEFAULT_HOST, Settings
from cds_service.web import Service, create_app
from cds_service.web.demo.clock import demo_clock
from cds_service.web.demo.ehr import DemoSettings, demo_blueprint


def run_demo(settings: Settings, as_of: str | None = None) -> None:
    """Serves the demo until it is stopped. Only this machine can reach it."""
    settings = replace(settings, host=DEFAULT_HOST, client_authentication="off", clients=())
    service = with_store(wire(settings, as_of))
    serve(demo_app(service), service)


def demo_app(service: Service) -> WSGIApplication:
    """The service's application with the demo EHR's pages, which may choose the day."""
    app = create_app(replace(service, clock=demo_clock(service.clock), is_demo=True))
    pages = DemoSettings(
        base_url=f"http://{DEFAULT_HOST}:{service.settings.port}",
        rulebook=service.rulebook,
        clock=service.clock,
        fixed_clock=service.fixed_clock,
    )
    app.register_blueprint(demo_blueprint(pages))
    return app
