"""Plans and facts made by hand, ordinary but for what a test states."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from cds_service.guidance.condition import Vocabulary, compile_condition
from cds_service.guidance.plan import Action, Citation, Ladder, Plan, Urgency
from cds_service.therapy.fact import Fact, FactDefinition, FactType, known, unknown

WORDS = {
    definition.name: definition
    for definition in (
        FactDefinition("pump.inPlace", FactType.BOOLEAN, "a pump is in place", example=True),
        FactDefinition("refill.booked", FactType.BOOLEAN, "a refill is booked", example=True),
        FactDefinition("refill.daysToAlarm", FactType.NUMBER, "days to the alarm", "d", -100),
        FactDefinition("refill.reserveDays", FactType.NUMBER, "reserve", "d", Decimal("12.34")),
        FactDefinition("refill.alarmDate", FactType.DATE, "the alarm date"),
        FactDefinition("refill.emptyDate", FactType.DATE, "the empty date"),
        FactDefinition("surgery.kind", FactType.TEXT, "the operation", example="replacement"),
    )
}
VOCABULARY = Vocabulary(WORDS, {"leadDays": Decimal(7), "feverCelsius": Decimal("38.0")})


def facts(**values: Any) -> dict[str, Fact]:
    """The facts of WORDS; `refill_booked=True` states one, None or silence leaves it unknown."""
    stated = {name.replace("_", ".", 1): value for name, value in values.items()}
    return {
        name: unknown(f"{name} is not recorded")
        if stated.get(name) is None
        else known(stated[name])
        for name in WORDS
    }


def an_action(name: str = "act", condition: str = "%pump.inPlace", **stated: Any) -> Action:
    """An action; its topic is its name unless stated."""
    ordinary = Action(
        id=name,
        topic=name,
        topic_display=name,
        summary=f"Summary of {name}",
        detail=f"Detail of {name}",
        urgency=Urgency.WARNING,
        condition=compile_condition(condition, VOCABULARY),
        citations=(Citation("Policy", "Policy"),),
    )
    return replace(ordinary, **stated)


def a_plan(*actions: Action, guard: str | None = None, hook: str = "patient-view") -> Plan:
    """A plan of one ladder with these actions."""
    condition = compile_condition(guard, VOCABULARY) if guard else None
    ladder = Ladder("ladder", "Ladder", frozenset({hook}), actions, condition)
    return a_plan_of(ladder)


def a_plan_of(*ladders: Ladder, name: str = "itb-test") -> Plan:
    return Plan(
        id=name,
        url=f"https://example.org/PlanDefinition/{name}",
        version="0.1.0",
        title="Test plan",
        description="A plan for tests.",
        ladders=ladders,
        thresholds={},
        citations=(),
        activities={},
    )


def nested(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`{"a.b": 1}` as `{"a": {"b": 1}}`; an unknown value is left out, its area is not.

    An area is never empty: fhirpathpy takes `%area.fact` of an empty one as the area itself.
    """
    areas: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        area, fact = name.split(".", 1)
        areas.setdefault(area, {"isArea": True})
        if value is not None:
            areas[area][fact] = value
    return areas
