"""What `itb-cds check` says of the issuers."""

from dataclasses import replace
from pathlib import Path

from cds_service.cli.check_sign_in import sign_in_lines
from cds_service.settings import Issuer, Settings, SignInSettings
from tests.access.authorization_double import AuthorizationDouble
from tests.access.signed_site import PUBLIC, smart_issuer


def said(*issuers: Issuer) -> list[tuple[bool, str]]:
    settings = Settings(stated_public_url=PUBLIC, sign_in=SignInSettings(issuers))
    return list(sign_in_lines(settings))


def test_without_issuers_it_is_said_that_there_are_no_pages():
    assert said() == [(True, "sign-in: not configured, there are no pages for people")]


def test_an_issuer_that_answers_is_good(double: AuthorizationDouble, tmp_path: Path):
    address, (is_good, line) = said(smart_issuer(double, tmp_path))

    assert address == (
        True,
        "sign-in: to be registered as redirect address: https://cds.example.org/callback",
    )
    assert is_good
    assert line == (
        f"sign-in: ehr (smart, private_key_jwt): answers as {double.iss}, 1 key can be used"
    )


def test_an_issuer_that_cannot_be_used_is_an_error_in_words(
    double: AuthorizationDouble, tmp_path: Path
):
    double.behaviours["/jwks"] = lambda exchange: exchange.answer({}, 500)

    _, (is_good, line) = said(smart_issuer(double, tmp_path))

    assert not is_good
    assert line.endswith("the server answered with status 500")


def test_a_key_that_cannot_be_used_is_an_error(double: AuthorizationDouble, tmp_path: Path):
    issuer = smart_issuer(double, tmp_path)
    (tmp_path / "broken.pem").write_text("nothing")

    ((is_good, line),) = said(replace(issuer, key_file=tmp_path / "broken.pem"))

    assert not is_good
    assert "sign_in.issuers.ehr.key_file" in line
