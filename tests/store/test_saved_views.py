"""Views and searches in a real database: each person's own."""

from datetime import timedelta

import pytest

from cds_service.errors import ChangeRefusedError
from cds_service.store.open_store import open_store
from cds_service.store.saved_views import MOST_SEARCHES, MOST_VIEWS, SavedView, SavedViews
from tests.coordination.builders import NOW

MINE = SavedView("My refills", "lane=book&owner=kc")


@pytest.fixture
def views() -> SavedViews:
    return open_store(None, lambda: NOW).views


def test_a_view_is_found_by_its_owner_alone(views: SavedViews):
    views.save("kc", MINE)

    assert views.of("kc") == [MINE]
    assert views.of("rn") == []


def test_a_view_of_the_same_name_is_replaced(views: SavedViews):
    views.save("kc", MINE)
    views.save("kc", SavedView("My refills", "lane=review"))
    views.save("rn", MINE)

    assert views.of("kc") == [SavedView("My refills", "lane=review")]
    assert views.of("rn") == [MINE]


def test_a_person_has_one_default_view(views: SavedViews):
    views.save("rn", SavedView("a", "lane=book", is_default=True))
    views.save("kc", SavedView("a", "lane=book", is_default=True))
    views.save("kc", SavedView("b", "lane=review", is_default=True))

    assert [(view.name, view.is_default) for view in views.of("kc")] == [("a", False), ("b", True)]
    assert [view.is_default for view in views.of("rn")] == [True]


def test_a_deleted_view_is_gone_and_nobody_elses(views: SavedViews):
    views.save("kc", MINE)
    views.save("rn", MINE)
    views.delete("kc", "My refills")
    views.delete("kc", "never there")

    assert (views.of("kc"), views.of("rn")) == ([], [MINE])


@pytest.mark.parametrize("name", ["", "x" * 101], ids=["none", "long"])
def test_a_view_without_a_fit_name_is_refused(views: SavedViews, name: str):
    with pytest.raises(ChangeRefusedError):
        views.save("kc", SavedView(name, "lane=book"))


def test_views_are_not_kept_without_end(views: SavedViews):
    for number in range(MOST_VIEWS):
        views.save("kc", SavedView(f"view {number}", ""))

    with pytest.raises(ChangeRefusedError):
        views.save("kc", MINE)
    assert len(views.of("kc")) == MOST_VIEWS


def test_a_search_is_found_again_by_the_same_person_for_some_hours(views: SavedViews):
    search_id = views.keep_search("kc", "Testpatient", NOW)

    assert "Testpatient" not in search_id
    assert views.search("kc", search_id, NOW + timedelta(hours=12)) == "Testpatient"
    assert views.search("kc", search_id, NOW + timedelta(hours=12, seconds=1)) is None
    assert views.search("rn", search_id, NOW) is None
    assert views.search("kc", "guessed", NOW) is None


def test_the_oldest_searches_of_a_person_are_forgotten(views: SavedViews):
    other = views.keep_search("rn", "other", NOW)
    first = views.keep_search("kc", "first", NOW)
    last = [
        views.keep_search("kc", "later", NOW + timedelta(seconds=number))
        for number in range(1, MOST_SEARCHES + 1)
    ][-1]

    assert views.search("kc", first, NOW) is None
    assert views.search("kc", last, NOW) == "later"
    assert views.search("rn", other, NOW) == "other"
