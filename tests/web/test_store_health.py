"""What hospital IT hears about the store: where it is kept, and when it is down."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cds_service.store.open_store import DATABASE_FILE, open_store
from cds_service.web import Service, create_app
from tests.web.served import Caller, served

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_ready_tells_where_the_store_is_kept(service: Service, tmp_path: Path):
    for folder, told in ((None, "memory"), (tmp_path, "file")):
        store = open_store(folder, lambda: NOW)
        with served(create_app(replace(service, store=store))) as address:
            answer = Caller(address).get("/health/ready")

        assert (answer.status_code, answer.json()["store"]) == (200, told)
        store.close()


def test_a_store_that_is_down_is_not_ready(service: Service, tmp_path: Path):
    store = open_store(tmp_path, lambda: NOW)
    with served(create_app(replace(service, store=store))) as address:
        (tmp_path / DATABASE_FILE).unlink()
        answer = Caller(address).get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["status"] == "degraded"
    assert "is gone" in answer.json()["store"]
    store.close()
