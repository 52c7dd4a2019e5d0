"""An EHR of our own, and the service with it as its issuer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.access.authorization_double import AuthorizationDouble, authorization_double
from tests.access.signed_site import SignedSite, signed_site, smart_issuer


@pytest.fixture(scope="module")
def listening() -> Iterator[AuthorizationDouble]:
    with authorization_double() as double:
        yield double


@pytest.fixture
def double(listening: AuthorizationDouble) -> AuthorizationDouble:
    """Strict, and asked nothing yet."""
    listening.reset()
    return listening


@pytest.fixture(scope="module")
def shared_site(
    listening: AuthorizationDouble, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SignedSite]:
    with signed_site(smart_issuer(listening, tmp_path_factory.mktemp("site"))) as site:
        yield site


@pytest.fixture
def site(shared_site: SignedSite, double: AuthorizationDouble) -> SignedSite:  # noqa: ARG001
    """A site that may know its EHR from before; its clock stands at NOW."""
    shared_site.clock.reset()
    return shared_site


@pytest.fixture
def fresh_site(double: AuthorizationDouble, tmp_path: Path) -> Iterator[SignedSite]:
    """A site that has asked its EHR nothing yet."""
    with signed_site(smart_issuer(double, tmp_path)) as site:
        yield site
