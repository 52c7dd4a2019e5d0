"""Only a header from this machine moves the demo's clock."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from werkzeug.exceptions import BadRequest

from cds_service.web.demo.clock import AS_OF_HEADER, demo_clock

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
clock = demo_clock(lambda: NOW)
app = Flask("clock", static_folder=None)


def read(header: str | None, address: str = "127.0.0.1") -> datetime:
    headers = {} if header is None else {AS_OF_HEADER: header}
    with app.test_request_context(headers=headers, environ_base={"REMOTE_ADDR": address}):
        return clock()


def test_outside_a_request_the_clock_runs():
    assert clock() == NOW


def test_without_the_header_the_clock_runs():
    assert read(None) == NOW


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.9", "::1"])
def test_the_header_from_loopback_rules(address: str):
    assert read("2027-01-16T09:00:00-05:00", address) == datetime(2027, 1, 16, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize("address", ["10.0.0.5", "192.168.1.1", "", "not-an-address"])
def test_the_header_from_elsewhere_is_ignored(address: str):
    assert read("2027-01-16T09:00:00-05:00", address) == NOW


@pytest.mark.parametrize("text", ["tomorrow", "2027-01-16", "2027-01-16T09:00:00", ""])
def test_a_header_that_is_no_instant_is_refused(text: str):
    with pytest.raises(BadRequest, match=AS_OF_HEADER):
        read(text)
