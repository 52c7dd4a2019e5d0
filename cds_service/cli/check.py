"""`itb-cds check`: whether settings, plans and the resources made from them can be used."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cds_service.app.plans import plan_resources, plans_folder
from cds_service.app.wiring import wire
from cds_service.cli.check_ehr import check_patient, client_lines
from cds_service.cli.check_population import population_lines
from cds_service.cli.check_sign_in import sign_in_lines
from cds_service.errors import PlanError, SettingsError
from cds_service.fhir.plan_lint import lint
from cds_service.fhir.requests import suggested_resource
from cds_service.guidance.plan import Plan
from cds_service.settings import check_exposure, read_settings
from cds_service.therapy.fact import known
from cds_service.therapy.vocabulary import FACTS
from cds_service.web.plan_uses import restrictions
from cds_service.web.plan_words import shipped_in_words, value_in_words


def check(options: Namespace) -> int:
    """Says what was checked; 1 when something is wrong."""
    try:
        settings = read_settings(options.config)
        if settings.clients or not settings.is_local:
            check_exposure(settings)
        service = wire(settings)
        resources = plan_resources(settings.plans.folder or plans_folder())
    except (SettingsError, PlanError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    rules = service.rulebook.plans
    print(f"settings: {settings.origin}, time zone {settings.time_zone.key}")
    print(f"plans: {', '.join(f'{plan.id} {plan.version}' for plan in rules)}")
    for line in restrictions(settings):
        print(f"plan restricted: {line}")
    for line in _set_by_site(rules):
        print(f"threshold set by this site: {line}")
    suggested = list(_suggested(rules, service.clock()))
    faults = [fault for file, resource in resources for fault in lint(file, resource)]
    problems = [*faults, *_problems(resources), *_problems(suggested)]
    published = len(service.artefacts.published)
    print(f"FHIR R4 resources: {len(resources)} of the plans, {len(suggested)} suggested")
    print(f"FHIR artefacts: {published} published with profiles and terminology")
    if options.patient:
        return check_patient(options, service)
    reached = (
        *client_lines(settings),
        *sign_in_lines(settings),
        *population_lines(service),
    )
    for is_good, line in reached:
        print(line)
        problems += [] if is_good else [line]
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _set_by_site(rules: tuple[Plan, ...]) -> Iterator[str]:
    """Each threshold with another value than the plan came with, and the activities it moves."""
    for plan in rules:
        for found in plan.thresholds.values():
            if found.is_overridden:
                moved = [
                    step.id for each in rules for step in each.steps if found in step.thresholds
                ]
                yield (
                    f"{plan.id}: {found.name} is {value_in_words(found)}, the plan came with "
                    f"{shipped_in_words(found)}"
                    + (f"; days of {', '.join(moved)} follow it" if moved else "")
                )


def _suggested(rules: tuple[Plan, ...], now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each resource that a card can suggest, made from example facts."""
    facts = {name: known(definition.example) for name, definition in FACTS.items()}
    for plan in rules:
        for ladder in plan.ladders:
            for action in ladder.actions:
                for suggestion in action.suggestions:
                    resource = suggested_resource(plan, suggestion, facts, "example", now)
                    if resource is not None:
                        yield f"{plan.id}: {action.id}: {suggestion.id}", resource


def _problems(resources: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    # Half a second to import, and only this command needs it.
    from cds_service.app.conformance import problems_of  # noqa: PLC0415

    for name, resource in resources:
        for problem in problems_of(resource):
            yield f"{name}: {problem}"
