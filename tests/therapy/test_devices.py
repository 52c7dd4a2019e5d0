"""The model table: reservoir and battery life only where a source gives them."""

import pytest

from cds_service.therapy.devices import MODELS, SYNCHROMED_II
from tests.therapy.builders import ml


@pytest.mark.parametrize(
    ("number", "name", "reservoir", "life_months"),
    [
        ("8637-20", "SynchroMed II", 20, 84),
        ("8637-40", "SynchroMed II", 40, 84),
        ("8667-20", "SynchroMed III", 20, None),
        ("13827", "Prometra II", 20, None),
        ("16827", "Prometra II", 40, None),
        ("11827", "Prometra", 20, None),
    ],
)
def test_battery_life_is_known_for_synchromed_ii_only(
    number: str, name: str, reservoir: int, life_months: int | None
):
    model = MODELS[number]
    assert (model.name, model.reservoir, model.life_months) == (name, ml(reservoir), life_months)


def test_a_synchromed_ii_of_unknown_size_has_no_reservoir():
    assert SYNCHROMED_II.reservoir is None
    assert SYNCHROMED_II.life_months == 84
