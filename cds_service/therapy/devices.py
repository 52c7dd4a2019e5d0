"""What is known of the implantable pumps themselves: models, nominal reservoirs, battery life.

Sources: VA alert AL09-24 (2009) and medtronic.com product pages (SynchroMed models; reservoir is
the suffix in mL); medtronic.com "Getting a Replacement" (SynchroMed II stops at most 7 years after
implant); Flowonix brief statements 2019 to 2024 (Prometra REF numbers). The battery life of
SynchroMed III and Prometra II is not verified and therefore not given.
"""

from dataclasses import dataclass
from decimal import Decimal

from cds_service.therapy.quantities import Millilitres


@dataclass(frozen=True, slots=True)
class PumpModel:
    """A pump model: name, nominal reservoir, and battery life from implant where it is known."""

    number: str
    name: str
    reservoir: Millilitres | None
    life_months: int | None


def _model(number: str, name: str, millilitres: int | None, life_months: int | None) -> PumpModel:
    reservoir = Millilitres(Decimal(millilitres)) if millilitres else None
    return PumpModel(number, name, reservoir, life_months)


MODELS = {
    model.number: model
    for model in (
        _model("8637-20", "SynchroMed II", 20, 84),
        _model("8637-40", "SynchroMed II", 40, 84),
        _model("8667-20", "SynchroMed III", 20, None),
        _model("13827", "Prometra II", 20, None),
        _model("16827", "Prometra II", 40, None),
        _model("11827", "Prometra", 20, None),
    )
}

SYNCHROMED_II = _model("8637", "SynchroMed II", None, 84)
"""A SynchroMed II whose reservoir size is not recorded."""
SYNCHROMED_III = _model("8667", "SynchroMed III", None, None)
PROMETRA = _model("(model not recorded)", "Prometra", None, None)
"""Pumps whose make alone is recorded: it decides what an MRI does to them."""
