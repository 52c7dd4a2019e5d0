"""By what the rows of the worklist stand in their order, and what a window of days leaves out."""

import re
from dataclasses import replace
from datetime import date
from html import unescape

from tests.coordination.builders import BATTERY_PLAN, REFILL_DUE
from tests.web.coordinator.site import (
    a_browser,
    a_store,
    row_of,
    shown_patients,
    the_task,
    visible_text,
)
from tests.web.coordinator.test_worklist import ALL, DUE, patient


def test_a_window_of_days_says_how_many_are_for_no_day_and_leads_to_them():
    milestone = replace(BATTERY_PLAN, plan="itb-recovery", topic="itbRecoveryPlan", act_by=None)
    kim = a_browser(a_store(*ALL, patient("step", milestone)))

    page = kim.get("/worklist?lane=all&within=7")

    assert shown_patients(page) == ["overdue", "gaps"]
    assert "1 patient for whose work no day is set is not shown. Show that one" in visible_text(
        page
    )
    link = re.search(r'href="([^"]*)">Show that one', page)
    assert link is not None
    others = kim.get(unescape(link[1]))
    assert shown_patients(others) == ["step"]
    assert '<option value="none" selected>no day set' in others
    assert "no day is set" not in visible_text(kim.get("/worklist?lane=act-now&within=7"))
    assert "1 for whose work no day is set" in visible_text(
        kim.get("/worklist/print?lane=all&within=7")
    )


def test_a_row_says_by_what_it_stands_before_an_earlier_day():
    # Information for 27 Nov stands below a warning for 30 Nov: the rows say why.
    soon = replace(REFILL_DUE, urgency="info", topic="itbRefillUpcoming", act_by=date(2026, 11, 27))
    page = a_browser(a_store(DUE, patient("soon", soon))).get("/worklist")

    assert shown_patients(page) == ["due", "soon"]
    assert "Warning: Refill due" in row_of(page, "due")
    assert "Information: Refill due" in row_of(page, "soon")
    order = "then urgency (critical, warning, information and tasks), then the day to act by"
    assert order in visible_text(page)


def test_advice_to_review_that_names_no_day_is_not_said_to_be_acted_on():
    stopped = replace(REFILL_DUE, plan="itb-infection", topic="itbWound", act_by=None)
    rows = {
        "review": replace(stopped, offers=()),
        "book": stopped,
        "act": replace(stopped, urgency="critical"),
    }
    kim = a_browser(a_store(*(patient(name, advice) for name, advice in rows.items())))

    page = kim.get("/worklist")

    assert "review now it names no day" in row_of(page, "review")
    assert "book now it names no day" in row_of(page, "book")
    assert " now " in row_of(page, "act")
    assert "names no day" not in row_of(page, "act")
    review = visible_text(kim.get(f"/tasks/{the_task(kim.store, 'review', 'infection').id}"))
    assert "Act by look at it now; it names no day" in review
