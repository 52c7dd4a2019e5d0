"""The service over real HTTP, its assessment replaced by what a test wants it to find."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cds_service.assessment import Assessment, Occasion, Rulebook
from cds_service.guidance.evaluation import Recommendation
from cds_service.settings import Settings
from cds_service.therapy.fact import Findings
from cds_service.therapy.record import TherapyRecord
from cds_service.web import Service, create_app
from cds_service.web import service as service_module
from tests.cds_hooks.advice import PLAN, evaluation
from tests.web.served import Caller, served

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class FakeAssessment:
    """Answers every call with what the test set; keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[], Assessment] = no_pump
        self.asked: list[tuple[str, set[str], Occasion]] = []

    def __call__(
        self,
        patient_id: str,
        prefetch: Mapping[str, object],
        _: Rulebook,
        now: datetime,
        occasion: Occasion,
    ) -> Assessment:
        assert now == NOW
        self.asked.append((patient_id, set(prefetch), occasion))
        return self.answer()


def no_pump() -> Assessment:
    """All was read; no sign of a pump."""
    return Assessment(False, evaluation(), Findings({}), TherapyRecord())


def a_pump_with(*recommended: Recommendation) -> Assessment:
    """A patient with a pump, and what the plans recommend."""
    return Assessment(True, evaluation(*recommended), Findings({}), TherapyRecord())


@pytest.fixture
def assessment(monkeypatch: pytest.MonkeyPatch) -> FakeAssessment:
    fake = FakeAssessment()
    monkeypatch.setattr(service_module, "assess", fake)
    return fake


@pytest.fixture(scope="module")
def service() -> Service:
    rulebook = Rulebook((PLAN,), ZoneInfo("UTC"), "112")
    settings = Settings(stated_public_url="https://cds.example.org")
    return Service(settings, rulebook, lambda: NOW, fixed_clock=True)


@pytest.fixture(scope="module")
def address(service: Service) -> Iterator[str]:
    with served(create_app(service)) as address:
        yield address


@pytest.fixture
def caller(address: str, assessment: FakeAssessment) -> Iterator[Caller]:
    assert assessment.asked == []
    caller = Caller(address)
    yield caller
    caller.session.close()
