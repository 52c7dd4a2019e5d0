"""Every statement of the source document has a home and a test, or a written reason why not."""

import pytest

from tests.docs.existing_tests import NOT_YET, fault_of_proof
from tests.docs.homes import OUT_OF_SCOPE, text_at
from tests.docs.tables import Row, entries, rows_of

STATEMENTS = rows_of("traceability.csv", ["id", "statement", "home", "test"])
NOT_NEEDED = "not needed"
WITHDRAWAL = (
    "stiffness",
    "spasms",
    "itch",
    "without rash",
    "pain",
    "sweating",
    "low-grade fever",
    "dizziness",
    "nausea",
    "seizures",
)
OVERDOSE = (
    "drowsiness",
    "very loose and weak muscles",
    "standing up, sitting up or moving",
    "low blood pressure",
    "low body temperature",
    "difficulty breathing",
    "loss of consciousness",
    "seizures",
)
SAID = {
    "S-02": ("pump", "catheter"),
    "S-04": ("pump model", "battery"),
    "S-05": ("interrogation", "trained provider"),
    "S-07": ("trained provider",),
    "S-13": ("severe spasticity", "oral drugs", "consider"),
    "S-14": ("referral",),
    "S-15": ("test dose", "spinal tap"),
    "S-16": ("within 4 hours", "for some hours"),
    "S-17": ("temporary", "informs the decision"),
    "S-18": ("oral baclofen usually comes first in mild to moderate spasticity",),
    "S-19": ("approved in the United States for severe spasticity",),
    "S-20": ("many causes", "continuously", "fewer side effects", "times of day", "removed"),
    "S-21": ("insurer", "Medicare", "Medicaid", "differs"),
    "S-22": ("suggest", "the clinician and the patient decide"),
    "S-24": ("both wounds", "abdomen (pump)", "lower back (catheter)"),
    "S-27": ("a few days", "inpatient rehabilitation", "before going home"),
    "S-29": ("six to eight weeks", "the surgeon may give"),
    "S-30": ("strenuous activity", "plenty of rest", "all clear"),
    "S-31": ("abdominal binder", "a few weeks"),
    "S-32": ("the catheter stays", "shorter than the first implant"),
    "S-33": ("same day",),
    "S-34": ("infection", "bruis", "blood", "leak of spinal fluid"),
    "S-35": ("one to six months", "trained provider"),
    "S-36": ("at home", "once or twice a year"),
    "S-37": ("once or twice a year",),
    "S-40": ("catheter usually stays",),
    "S-41": ("six to seven years",),
    "S-43": ("before it ends", "planning"),
    "S-44": ("surgical replacement or repositioning", "surgical review"),
    "S-45": ("as soon as possible", "may not be working"),
    "S-46": ("how pump and catheter work", "upkeep"),
    "S-47": ("most common side effect", "dose may need a change"),
    "S-52": ("life-threatening", "reversed when they are treated quickly"),
    "S-54": WITHDRAWAL,
    "S-55": ("life-threatening", "right away"),
    "S-56": ("refill", "change of programming", "another acute illness"),
    "S-57": OVERDOSE,
    "S-58": ("life-threatening", "right away"),
    "S-59": ("fever", "skin discoloration or swelling", "drainage from the incisions", "pain"),
    "S-60": ("911", "itch", "sweating", "stiffness", "fever", "lightheadedness", "seizures"),
    "S-61": ("911", "drowsiness", "weakness", "breathing", "low body temperature", "seizures"),
    "S-62": (
        "fever and pain also occur in withdrawal",
        "seizures in withdrawal and overdose",
        "fever and pain also occur in infection",
        "weakness alone also as a side effect",
    ),
}
"""What the homes of a statement must say, in the words of the plans."""

every_statement = pytest.mark.parametrize("row", STATEMENTS, ids=lambda row: row["id"])


def test_all_63_statements_are_there_in_order():
    assert [row["id"] for row in STATEMENTS] == [f"S-{number:02}" for number in range(1, 64)]


@every_statement
def test_a_home_exists_or_its_absence_is_explained(row: Row):
    assert row["statement"].strip()
    assert [fault for home in entries(row["home"]) if (fault := _fault_of_home(home))] == []


@every_statement
def test_a_statement_names_tests_that_exist_or_says_what_is_missing(row: Row):
    if row["home"].startswith(OUT_OF_SCOPE):
        assert row["test"] == NOT_NEEDED
    else:
        assert [fault for entry in entries(row["test"]) if (fault := fault_of_proof(entry))] == []


@every_statement
def test_what_has_no_home_yet_has_no_test_either(row: Row):
    if all(home.startswith(NOT_YET) for home in entries(row["home"])):
        assert all(entry.startswith(NOT_YET) for entry in entries(row["test"]))


@pytest.mark.parametrize("statement", SAID)
def test_the_home_says_what_the_statement_says(statement: str):
    (row,) = [row for row in STATEMENTS if row["id"] == statement]
    homes = [home for home in entries(row["home"]) if not home.startswith(NOT_YET)]
    said = " ".join(text_at(home) for home in homes).lower()

    lost = [words for words in SAID[statement] if words.lower() not in said]
    assert lost == [], "say it again in the plan; if it is said in other words, mend SAID"


@pytest.mark.parametrize("home", ["itb-refill/gone", "README.md#gone", "fact gone", "out of scope"])
def test_a_home_that_does_not_exist_is_noticed(home: str):
    assert _fault_of_home(home)


def _fault_of_home(home: str) -> str:
    if home.startswith((OUT_OF_SCOPE, NOT_YET)):
        return "" if " " in home.partition(": ")[2].strip() else f"{home!r} gives no reason"
    try:
        text_at(home)
    except LookupError as fault:
        return str(fault)
    return ""
