"""SMART scopes: version 1 and 2, wider and narrower grants, and words of vendors."""

import pytest

from cds_service.ehr.scopes import missing_scopes, smart_1_scope, unreadable_kinds

ASKED = ("system/Device.rs", "system/Appointment.rs")


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        ("system/Device.rs system/Appointment.rs", ()),
        ("system/*.rs", ()),
        ("system/*.cruds", ()),
        ("system/Device.read system/Appointment.*", ()),
        ("system/Device.rs", ("system/Appointment.rs",)),
        ("system/Device.rs system/Appointment.r", ("system/Appointment.rs",)),
        ("system/Device.rs user/Appointment.rs", ("system/Appointment.rs",)),
        ("system/Device.rs system/Appointment.rs?status=booked", ("system/Appointment.rs",)),
        ("system/Device.write system/Appointment.rs", ("system/Device.rs",)),
    ],
)
def test_a_scope_is_missing_unless_a_granted_one_gives_all_of_it(
    granted: str, missing: tuple[str, ...]
):
    assert missing_scopes(ASKED, granted) == missing


def test_launch_is_no_right_that_could_be_missing():
    assert missing_scopes(("launch", "openid"), "openid") == ()


@pytest.mark.parametrize(
    ("scope", "old"),
    [
        ("system/Device.rs", "system/Device.read"),
        ("system/Device.s", "system/Device.read"),
        ("system/Task.cruds", "system/Task.*"),
        ("system/Task.cu", "system/Task.write"),
        ("user/Observation.rs?category=survey", "user/Observation.read"),
        ("system/Device.read", "system/Device.read"),
        ("system/Device.*", "system/Device.*"),
        ("openid", "openid"),
        ("launch/patient", "launch/patient"),
        ("api://itb/.default", "api://itb/.default"),
    ],
)
def test_servers_of_smart_1_are_asked_in_their_words(scope: str, old: str):
    assert smart_1_scope(scope) == old


@pytest.mark.parametrize(
    ("granted", "unreadable"),
    [
        ("system/Device.rs system/Appointment.read", ()),
        ("system/*.rs", ()),
        ("system/Device.rs", ("Appointment",)),
        ("system/Device.s", ("Appointment",)),
        # A single record may be read, a search not.
        ("system/*.r", ("Device", "Appointment")),
        ("system/Device.rs system/Appointment.rs?status=booked", ("Appointment",)),
        ("user/*.rs", ("Device", "Appointment")),
        # Nothing is said of any resource.
        ("", ()),
        ("openid Appointment.Search(R4)", ()),
        ("api://itb/.default", ()),
    ],
)
def test_what_a_token_does_not_give_to_search(granted: str, unreadable: tuple[str, ...]):
    assert unreadable_kinds(("Device", "Appointment"), ASKED, granted) == unreadable


def test_a_narrowed_right_is_whole_where_the_site_asked_for_just_that():
    narrowed = "system/Device.rs?type=http://snomed.info/sct|1"

    assert unreadable_kinds(("Device",), (narrowed,), narrowed) == ()
    assert unreadable_kinds(("Device",), ("system/Device.rs",), narrowed) == ("Device",)
