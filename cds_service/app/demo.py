"""The demo: the service, a page that plays the EHR, and its worklist, on this machine only."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from wsgiref.types import WSGIApplication

from cds_service.app.server import serve
from cds_service.app.wiring import wire, with_store
from cds_service.demo_clinic.population import DemoPatients
from cds_service.errors import StoreError
from cds_service.population.refresh import Manner, refresh, reread
from cds_service.population.refresher import Refresher
from cds_service.settings import DEFAULT_HOST, HandoutSettings, Settings
from cds_service.web import Service, create_app
from cds_service.web.demo.chart import DemoCharts
from cds_service.web.demo.clock import demo_clock
from cds_service.web.demo.ehr import DemoSettings, demo_blueprint

DEMO_HANDOUT = HandoutSettings("Demo clinic", "555-0100", "Monday to Friday, 8:00 to 16:00")
"""Whom patients of the demo clinic call. The number is one of those that lead to nobody."""


def run_demo(
    settings: Settings, as_of: str | None = None, once_open: Callable[[], None] = lambda: None
) -> None:
    """Serves the demo until it is stopped. Only this machine can reach it.

    `once_open` is called when it listens.
    """
    settings = replace(settings, host=DEFAULT_HOST, client_authentication="off", clients=())
    if settings.handout.missing:
        settings = replace(settings, handout=DEMO_HANDOUT)
    charts = DemoCharts()
    service = with_patients(with_store(wire(settings, as_of)), charts)
    serve(demo_app(service, charts), service, once_open)


def with_patients(service: Service, charts: DemoCharts) -> Service:
    """The service with the demo clinic's patients on its worklist, and demo people to work it.

    They are read in the background: nobody waits for the worklist to open the first chart.
    """
    store = service.store
    if store is None:
        return service

    def today() -> date:
        return service.clock().astimezone(service.rulebook.time_zone).date()

    source = DemoPatients(charts.chart, today)
    refresher = Refresher(
        lambda over: refresh(
            source, store, service.rulebook, service.clock, Manner(at_once=1, is_over=over)
        ),
        store.refreshes,
        timedelta(minutes=service.settings.population.refresh_minutes),
        service.clock,
    )
    return replace(
        service, population=source, population_client="", refresher=refresher, is_demo=True
    )


def _read_again(service: Service, patient_id: str) -> None:
    """Shows on the worklist at once what was filed in a chart."""
    if service.population and service.store:
        with suppress(StoreError):
            reread(service.population, service.store, service.rulebook, patient_id, service.clock())


def demo_app(service: Service, charts: DemoCharts | None = None) -> WSGIApplication:
    """The service's application with the demo EHR's pages, which may choose the day."""
    app = create_app(replace(service, clock=demo_clock(service.clock), is_demo=True))
    pages = DemoSettings(
        base_url=f"http://{DEFAULT_HOST}:{service.settings.port}",
        rulebook=service.rulebook,
        clock=service.clock,
        fixed_clock=service.fixed_clock,
        filed=lambda patient_id: _read_again(service, patient_id),
    )
    app.register_blueprint(demo_blueprint(pages, charts or DemoCharts()))
    return app
