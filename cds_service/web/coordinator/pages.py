"""All pages for people, put together."""

from flask import Blueprint, Flask

from cds_service.web.coordinator.desk import Desk
from cds_service.web.coordinator.frame import add_frame
from cds_service.web.coordinator.handout import handout_blueprint
from cds_service.web.coordinator.it_page import it_blueprint
from cds_service.web.coordinator.patient_seen import Patients
from cds_service.web.coordinator.patients import patients_blueprint
from cds_service.web.coordinator.readings import readings_blueprint
from cds_service.web.coordinator.task_pages import tasks_blueprint
from cds_service.web.coordinator.worklist import worklist_blueprint
from cds_service.web.plan_uses import silent_plans
from cds_service.web.service import Service


def coordinator_pages(app: Flask, service: Service) -> list[Blueprint]:
    """The pages, and the frame around them; a service that keeps nothing has none."""
    if service.store is None:
        return []
    desk = Desk(
        service.settings,
        service.store,
        service.worklist_rulebook,
        service.clock,
        service.population,
        service.fixed_clock,
        silent_plans(service.settings, service.population_client or ""),
    )
    patients = Patients(desk)
    add_frame(app, desk)
    return [
        worklist_blueprint(desk, service.refresher.read_now if service.refresher else None),
        tasks_blueprint(desk),
        patients_blueprint(desk, patients, service.population_client or ""),
        handout_blueprint(desk, patients),
        readings_blueprint(desk),
        it_blueprint(desk),
    ]
