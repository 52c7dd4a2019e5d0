"""The Flask application: its routes, its refusals, its headers."""

from flask import Flask

from cds_service.web.access.admission import admit_people
from cds_service.web.authentication import authenticate_callers
from cds_service.web.capability_page import capability_blueprint
from cds_service.web.coordinator.pages import coordinator_pages
from cds_service.web.cross_origin import answer_other_origins
from cds_service.web.error_responses import answer_errors
from cds_service.web.feedback import feedback_blueprint
from cds_service.web.fhir_api import fhir_blueprint
from cds_service.web.fhir_apply import apply_blueprint
from cds_service.web.fhir_work import work_blueprint
from cds_service.web.key_set import key_set_blueprint
from cds_service.web.metrics import Metrics
from cds_service.web.operations import operations_blueprint
from cds_service.web.plan_page import plan_blueprint
from cds_service.web.response_headers import add_response_headers
from cds_service.web.service import Service, hooks_blueprint

LARGEST_BODY = 16 * 1024 * 1024
"""Bytes of a request's body; a larger one is refused with 413."""


def create_app(service: Service) -> Flask:
    """The WSGI application of one service. Nothing in it is shared with another application."""
    app = Flask("cds_service", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    metrics = Metrics(service.tally)
    answer_other_origins(app, service.settings.allowed_origins)
    authenticate_callers(app, service, metrics)
    app.register_blueprint(hooks_blueprint(service, metrics))
    app.register_blueprint(capability_blueprint(service))
    app.register_blueprint(feedback_blueprint(service, metrics))
    app.register_blueprint(operations_blueprint(service, metrics))
    app.register_blueprint(plan_blueprint(service.rulebook))
    app.register_blueprint(fhir_blueprint(service))
    app.register_blueprint(apply_blueprint(service))
    app.register_blueprint(work_blueprint(service))
    app.register_blueprint(key_set_blueprint(service.settings))
    admit_people(app, service, coordinator_pages(app, service))
    answer_errors(app, metrics)
    add_response_headers(app)
    return app
