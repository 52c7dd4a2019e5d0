"""The demo's worklist follows what is filed on the demo's EHR page."""

from wsgiref.types import WSGIApplication

import pytest
from flask import Flask

from cds_service.app.demo import demo_app, with_patients
from cds_service.app.wiring import wire, with_store
from cds_service.settings import Settings
from cds_service.store.open_store import Store
from cds_service.web.demo.chart import DemoCharts

OVERDUE = "demo-004"


@pytest.fixture
def demo() -> tuple[WSGIApplication, Store]:
    charts = DemoCharts()
    settings = Settings(client_authentication="off")
    service = with_patients(with_store(wire(settings, "2026-11-22T09:00:00Z")), charts)
    assert service.refresher
    assert service.store
    service.refresher.look()
    return demo_app(service, charts), service.store


def topics(store: Store) -> list[str]:
    kept = store.work.status(OVERDUE)
    assert kept
    assert kept.status
    return [each.topic for each in kept.status.advice]


def test_a_refill_recorded_in_the_chart_takes_the_work_off_the_list_at_once(
    demo: tuple[Flask, Store],
):
    app, store = demo
    assert topics(store) == ["itbRefillOverdue"]
    assert [task.state.is_open for task in store.work.tasks(OVERDUE)] == [True]

    app.test_client().post(f"/demo/patients/{OVERDUE}/refill")

    assert topics(store) == []
    assert [task.state.is_open for task in store.work.tasks(OVERDUE)] == [False]

    app.test_client().post("/demo/reset")

    assert topics(store) == ["itbRefillOverdue"]
