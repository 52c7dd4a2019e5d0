"""Which plans speak to whom, at the site and for each client."""

from collections.abc import Iterator, Mapping

from cds_service.settings import Client, PlanUse, Settings

_WORDS = {
    "live": "live",
    "silent": "silent: evaluated and counted, not shown",
    "off": "off: not evaluated",
}


def plan_use(settings: Settings, client: Client | None, plan_id: str) -> PlanUse:
    """How a plan is used for a client: the client's own word over the site's."""
    uses = client.plans if client else {}
    return uses.get(plan_id) or settings.plans.uses.get(plan_id) or PlanUse()


def silent_plans(settings: Settings, client_name: str) -> frozenset[str]:
    """The plans that no card speaks of to a client's users; '' is the site without clients."""
    client = next((each for each in settings.clients if each.name == client_name), None)
    named = {**settings.plans.uses, **(client.plans if client else {})}
    return frozenset(each for each in named if plan_use(settings, client, each).mode == "silent")


def use_in_words(use: PlanUse) -> str:
    """What a plan does, and for whom."""
    types = f", to {', '.join(use.audiences)} only" if use.audiences else ""
    codes = ", ".join(f"{system}|{code}" for system, code in use.roles)
    return _WORDS[use.mode] + types + (f", to the roles {codes} only" if codes else "")


def asks_for_role(settings: Settings, client: Client | None) -> bool:
    """Whether any plan speaks to certain roles of this client's users."""
    uses = {**settings.plans.uses, **(client.plans if client else {})}
    return any(use.roles for use in uses.values())


def restrictions(settings: Settings) -> Iterator[str]:
    """Each plan that does not speak to everyone, in words; nothing when all of them do."""
    yield from _restricted("", settings.plans.uses)
    for client in settings.clients:
        yield from _restricted(f" for client {client.name}", client.plans)


def _restricted(whom: str, uses: Mapping[str, PlanUse]) -> Iterator[str]:
    for plan_id, use in uses.items():
        if use != PlanUse():
            yield f"{plan_id}{whom}: {use_in_words(use)}"
