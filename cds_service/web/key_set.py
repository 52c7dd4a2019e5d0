"""GET /.well-known/jwks.json: our public keys, by which authorization servers know us."""

from flask import Blueprint, Response

from cds_service.ehr.backend_services import keys_of
from cds_service.ehr.signing_keys import published_keys
from cds_service.settings import Settings
from cds_service.web.access.issuers import our_keys
from cds_service.web.json_answer import encoded, json_bytes_answer

SECONDS_KEPT = 300
"""Servers may keep the set so long: a new key is published this long before it signs."""


def key_set_blueprint(settings: Settings) -> Blueprint:
    """The key set, empty where the site has no keys. Raises SettingsError for an unfit key."""
    blueprint = Blueprint("key_set", __name__)
    body = encoded(published_keys([*keys_of(settings.population), *our_keys(settings.sign_in)]))

    @blueprint.get("/.well-known/jwks.json")
    def key_set() -> Response:
        answer = json_bytes_answer(body)
        answer.headers["Cache-Control"] = f"public, max-age={SECONDS_KEPT}"
        return answer

    return blueprint
