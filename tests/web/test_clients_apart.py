"""Each client gets what it takes, by the plans it wants; its word counts for itself alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from flask import g

from cds_service.app.wiring import wire
from cds_service.errors import SettingsError
from cds_service.settings import Client, PlanSettings, PlanUse, Settings
from cds_service.store.open_store import Store, open_store
from cds_service.web import create_app
from tests.cases.golden_case import GoldenCase, golden_cases
from tests.web.served import Caller, served

CASES = {case.id: case for case in golden_cases()}
RECOVERY = CASES["itb-recovery/day-0"]
UPCOMING = CASES["itb-refill/1-day-before-target"]
SILENT = {"itb-refill": PlanUse("silent")}
LIVE = {"itb-refill": PlanUse("live")}
OFF = {"itb-refill": PlanUse("off")}


@contextmanager
def called_by(
    client: Client, store: Store, site: Settings | None = None, case: GoldenCase = UPCOMING
) -> Iterator[Caller]:
    """A service whose callers have all proved to be this client."""
    settings = replace(site or Settings(), clients=(client,))
    service = replace(wire(settings), clock=lambda: case.now, store=store)
    app = create_app(replace(service, settings=replace(settings, clients=())))

    @app.before_request
    def known() -> None:
        g.client = client

    with served(app) as address:
        caller = Caller(address)
        yield caller
        caller.session.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path, lambda: UPCOMING.now)
    yield opened
    opened.close()


def test_epic_reads_in_words_of_the_care_plan_it_cannot_take(store: Store):
    with called_by(Client("E", "https://e", dialect="epic"), store, case=RECOVERY) as caller:
        answer = caller.post(RECOVERY.body)

    cards = answer.json()["cards"]
    (card,) = [each for each in cards if each["source"]["topic"]["code"] == "itbRecoveryPlan"]
    created = [
        action["resource"]["resourceType"]
        for suggestion in card.get("suggestions", ())
        for action in suggestion["actions"]
    ]
    assert "CarePlan" not in created
    assert "**Suggested, to be ordered by hand**" in card["detail"]


@pytest.mark.parametrize(
    ("client_plans", "site_plans", "shown"),
    [
        ({}, {}, 1),
        ({}, SILENT, 0),
        (LIVE, SILENT, 1),
        (LIVE, OFF, 1),
        (OFF, {}, 0),
        (SILENT, LIVE, 0),
    ],
)
def test_a_clients_word_on_a_plan_goes_over_the_sites(
    store: Store,
    client_plans: dict[str, PlanUse],
    site_plans: dict[str, PlanUse],
    shown: int,
):
    site = Settings(plans=PlanSettings(uses=site_plans))
    with called_by(Client("A", "https://a", plans=client_plans), store, site) as caller:
        assert len(caller.post(UPCOMING.body).json()["cards"]) == shown


def test_what_one_client_says_sets_nothing_aside_for_another(store: Store):
    with called_by(Client("A", "https://a"), store) as caller:
        (card,) = caller.post(UPCOMING.body).json()["cards"]
    said = msgspec.json.encode({"feedback": [{"card": card["uuid"], "outcome": "overridden"}]})
    path = "/cds-services/itb-patient-view/feedback"

    with called_by(Client("B", "https://b"), store) as caller:
        assert caller.post(said, path=path).json()["unknownCards"] == 1
    with called_by(Client("A", "https://a"), store) as caller:
        assert len(caller.post(UPCOMING.body).json()["cards"]) == 1
        assert caller.post(said, path=path).json()["unknownCards"] == 0
        assert caller.post(UPCOMING.body).json()["cards"] == []


def test_a_clients_time_zone_decides_what_today_is(store: Store):
    zone = ZoneInfo("Pacific/Auckland")
    with called_by(Client("A", "https://a", time_zone=zone), store) as caller:
        (card,) = caller.post(UPCOMING.body).json()["cards"]

    evidence = card["extension"]["org.itb-pump-cds.evidence"]
    assert evidence["timeZone"] == "Pacific/Auckland"


@pytest.mark.parametrize(
    "settings",
    [
        Settings(plans=PlanSettings(uses={"itb-refil": PlanUse("off")})),
        Settings(clients=(Client("A", "https://a", plans={"itb-refil": PlanUse("off")}),)),
    ],
)
def test_a_plan_that_does_not_exist_is_not_switched_off(settings: Settings):
    with pytest.raises(SettingsError, match=r"itb-refil: found no plan of this name"):
        wire(settings)
