"""A store with the coordinator's work in every state it can have, and an application on it."""

from dataclasses import replace
from datetime import date, timedelta

from flask import Flask

from cds_service.coordination.changes import Assign, Cancel, Comment, Override, Snooze
from cds_service.coordination.status import Figures
from cds_service.coordination.tasks import WorkTask
from cds_service.fhir.identity import Identity
from cds_service.store.open_store import Store, open_store
from cds_service.web import Service, create_app
from cds_service.web.access.audit import Auditor
from cds_service.web.access.gate import Access
from cds_service.web.access.session import SessionCookie
from tests.coordination.builders import (
    BATTERY_PLAN,
    CONFLICT,
    FILLED,
    NOW,
    REFILL_DUE,
    REFILL_OVERDUE,
    THRESHOLDS,
    TODAY,
    a_status,
)

PLANS = (("itb-refill", "0.2.0"), ("itb-battery", "0.2.0"))
LATER = NOW + timedelta(hours=1)


def app_of(site: Service) -> Flask:
    """The application of a demo, in which nobody needs to sign in."""
    app = create_app(site)
    assert site.store is not None
    auditor = Auditor(site.store.audit, site.settings.public_url)
    cookie = SessionCookie.of_site(site.settings)
    access = Access(site.settings, site.store, site.clock, auditor, cookie, is_demo=True)
    app.extensions["access"] = access
    return app


def work_in_every_state() -> Store:
    """Tasks requested, accepted, on hold, completed and cancelled; one patient died."""
    store = open_store(None, lambda: NOW)
    advice = (REFILL_DUE, CONFLICT, BATTERY_PLAN)
    store.work.keep(a_status(advice=advice, unchecked=("Visits: not read",), plans=PLANS), TODAY)
    snooze = Snooze(date(2026, 11, 29), "need-more-info", THRESHOLDS, "fax")
    refill = store.work.change(_of(store, "refill").id, 1, snooze, "kc", NOW)
    store.work.change(refill.id, 2, Comment("called <the family>"), "Practitioner/kc", NOW)
    store.work.change(_of(store, "data-conflict").id, 1, Assign("Practitioner/kc"), "kc", NOW)
    battery = _of(store, "battery")
    store.work.change(battery.id, 1, Override("data-wrong", THRESHOLDS, "wrong"), "kc", NOW)
    elsewhere = Override("refilled-elsewhere", THRESHOLDS, "told", date(2026, 11, 20))
    store.work.change(refill.id, 3, elsewhere, "kc", NOW)
    added = store.work.add_task("p1", "Send the card", TODAY, "kc", NOW)
    store.work.change(added.id, 1, Cancel("sent before"), "kc", NOW)

    due = a_status("p2", advice=(REFILL_OVERDUE,), plans=PLANS)
    store.work.keep(due, TODAY)
    done = Figures(last_fill=date(2026, 11, 22))
    store.work.keep(replace(due, advice=(), figures=done, read_at=LATER), TODAY)

    dying = a_status("p3", advice=(REFILL_DUE,), figures=Figures(last_fill=FILLED))
    store.work.keep(dying, TODAY)
    dead = Identity("p3", "Cy Third", is_deceased=True)
    store.work.keep(replace(dying, identity=dead, read_at=LATER), TODAY)
    return store


def _of(store: Store, kind: str) -> WorkTask:
    return next(task for task in store.work.tasks("p1") if task.kind == kind)
