"""CDS Hooks 2.0, "CDS Service Response" and "Card Attributes": requirements 41 to 71, 90 to 93."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt

from tests.cds_hooks.hook_body import NO_PUMP
from tests.web.requirements.conftest import everything
from tests.web.trusted_site import PUBLIC, TrustedSite

FIRST = "11111111-2222-4333-8444-555555555555"
LATER = "11111111-2222-4333-8444-666666666666"
Found = list[dict[str, Any]]

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_requirement_41_an_answer_is_200_with_cards(answers: dict[str, bytes]):
    for body in answers.values():
        document = json.loads(body)
        assert set(document) == {"cards"}
        assert isinstance(document["cards"], list)


def test_requirement_42_nothing_to_say_is_200_without_cards(site: TrustedSite):
    answer = site.hook(NO_PUMP, fhirServer=None, fhirAuthorization=None)

    assert (answer.status_code, answer.content) == (200, b'{"cards":[]}')


def test_requirement_43_a_refusal_carries_an_outcome_with_an_id_and_nothing_of_the_patient(
    site: TrustedSite,
):
    answer = site.hook({}, "canary-patient", fhirServer=None, fhirAuthorization=None)

    assert answer.status_code == 412
    (issue,) = answer.json()["issue"]
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert issue["diagnostics"].startswith("correlation id ")
    assert "canary" not in answer.text


def test_requirement_44_each_card_has_a_lower_case_uuid_of_its_own(answers: dict[str, bytes]):
    for body in answers.values():
        uuids = [card["uuid"] for card in json.loads(body)["cards"]]
        assert all(UUID.fullmatch(each) for each in uuids)
        assert len(set(uuids)) == len(uuids)


def test_requirement_45_a_summary_is_one_sentence_under_140_characters(cards: Found):
    for card in cards:
        assert 0 < len(card["summary"]) < 140
        assert "\n" not in card["summary"]


def test_requirement_46_a_detail_is_markdown_and_holds_no_html(cards: Found):
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    for card in cards:
        kinds = {token.type for token in reader.parse(card["detail"])}
        assert not kinds & {"html_block", "html_inline"}


def test_requirement_47_an_indicator_is_one_of_three(cards: Found):
    assert {card["indicator"] for card in cards} == {"info", "warning", "critical"}


def test_requirement_48_each_card_names_its_source(cards: Found):
    assert all(card["source"] for card in cards)


def test_requirement_49_suggestions_come_with_a_selection_behaviour_and_never_alone(cards: Found):
    for card in cards:
        assert ("suggestions" in card) == ("selectionBehavior" in card)


def test_requirement_50_the_selection_behaviour_is_one_that_every_client_knows(cards: Found):
    assert {card["selectionBehavior"] for card in cards if "suggestions" in card} == {"any"}


def test_requirement_51_override_reasons_have_code_system_and_display(cards: Found):
    for card in cards:
        assert card["overrideReasons"]
        for reason in card["overrideReasons"]:
            assert set(reason) == {"code", "system", "display"}


def test_requirement_52_links_are_a_list(links: Found, cards: Found):
    assert all(isinstance(card["links"], list) for card in cards)
    assert links


def test_requirement_53_one_answer_says_nothing_twice_and_the_most_urgent_first(
    answers: dict[str, bytes],
):
    rank = {"critical": 0, "warning": 1, "info": 2}
    for body in answers.values():
        found = json.loads(body)["cards"]
        said = [(card["source"]["topic"]["code"], card["summary"]) for card in found]
        assert len(set(said)) == len(said)
        advice = [card for card in found if said and not _is_not_checked(card)]
        ranks = [rank[card["indicator"]] for card in advice]
        assert ranks == sorted(ranks)


def _is_not_checked(card: dict[str, Any]) -> bool:
    return bool(card["source"]["topic"]["code"] == "itbCouldNotCheck")


def test_requirement_54_a_source_has_a_label(cards: Found):
    assert {card["source"]["label"] for card in cards} == {"ITB Pump CDS"}


def test_requirement_55_the_address_of_a_source_speaks_of_no_patient(
    site: TrustedSite, cards: Found
):
    for address in {card["source"]["url"] for card in cards}:
        assert re.fullmatch(rf"{re.escape(PUBLIC)}/plans/itb-[a-z-]+", address)
        # Nobody needs a token to read how a card came about.
        assert site.caller.get(urlsplit(address).path).status_code == 200


def test_requirement_56_no_icon_is_sent(cards: Found):
    assert not any("icon" in card["source"] for card in cards)


def test_requirement_57_a_topic_has_code_and_system(cards: Found):
    for card in cards:
        topic = card["source"]["topic"]
        assert re.fullmatch(r"[A-Za-z0-9]{1,100}", topic["code"])
        assert topic["system"].startswith("https://")


def test_requirement_58_a_suggestion_has_a_label(suggestions: Found):
    assert all(each["label"].strip() for each in suggestions)


def test_requirement_59_a_suggestion_has_a_uuid_of_its_own(cards: Found):
    for card in cards:
        uuids = [each["uuid"] for each in card.get("suggestions", ())]
        assert all(UUID.fullmatch(each) for each in uuids)
        assert len({card["uuid"], *uuids}) == len(uuids) + 1


def test_requirement_60_nothing_is_ticked_in_advance(suggestions: Found):
    assert not any("isRecommended" in each for each in suggestions)


def test_requirement_61_accepting_a_suggestion_takes_one_action(suggestions: Found):
    assert {len(each["actions"]) for each in suggestions} == {1}


def test_requirement_62_every_action_creates(actions: Found):
    assert {action["type"] for action in actions} == {"create"}


def test_requirement_63_every_action_is_described_in_plain_text(actions: Found):
    for action in actions:
        assert action["description"].strip()
        assert not re.search(r"[*_<>\[\]]", action["description"])


def test_requirement_64_what_is_created_is_new(actions: Found):
    for action in actions:
        assert isinstance(action["resource"], dict)
        assert "id" not in action["resource"]


def test_requirement_65_nothing_is_updated(actions: Found):
    assert not any(action["type"] == "update" for action in actions)


def test_requirement_66_nothing_is_deleted(actions: Found):
    assert not any(action["type"] == "delete" or "resourceId" in action for action in actions)


def test_requirement_67_a_link_has_label_address_and_type(links: Found):
    for link in links:
        assert link["label"].strip()
        assert urlsplit(link["url"]).scheme in ("http", "https")
        assert link["type"]


def test_requirement_68_a_link_is_absolute_or_launches_an_app(links: Found):
    assert {link["type"] for link in links} <= {"absolute", "smart"}


def test_requirement_69_an_absolute_link_carries_no_app_context(links: Found):
    assert not any("appContext" in link for link in links if link["type"] == "absolute")


def test_requirement_70_no_link_starts_an_app_by_itself(links: Found):
    assert not any("autolaunchable" in link for link in links)


def test_requirement_71_nothing_is_done_without_the_user(answers: dict[str, bytes]):
    assert not any("systemActions" in json.loads(body) for body in answers.values())


def test_requirement_90_a_card_dates_what_it_rests_on(cards: Found):
    for card in cards:
        evidence = card["extension"]["org.itb-pump-cds.evidence"]
        assert evidence["asOf"]
        if evidence.get("evidence"):
            assert re.search(r"\b\d{1,2} [A-Z][a-z]{2} \d{4}", card["detail"]), card["summary"]


def test_requirement_91_a_card_keeps_its_topic_so_that_a_later_answer_can_take_its_place(
    site: TrustedSite,
):
    sent = everything()
    alone = {"fhirServer": None, "fhirAuthorization": None}
    first = site.cards(sent, "demo-004", hookInstance=FIRST, **alone)
    later = site.cards(sent, "demo-004", hookInstance=LATER, **alone)

    assert [each["source"]["topic"] for each in first] == [
        each["source"]["topic"] for each in later
    ]
    assert not {each["uuid"] for each in first} & {each["uuid"] for each in later}


def test_requirement_92_all_links_lead_to_hosts_that_the_capability_page_lists(
    site: TrustedSite, links: Found
):
    page = site.caller.get("/capabilities").text

    assert {
        f"{urlsplit(link['url']).scheme}://{urlsplit(link['url']).netloc}" for link in links
    } == {PUBLIC}
    assert f"{PUBLIC}/plans/*" in page


def test_requirement_93_extensions_are_an_object_under_a_reverse_domain_name(cards: Found):
    for card in cards:
        assert set(card["extension"]) == {"org.itb-pump-cds.evidence"}
        assert isinstance(card["extension"]["org.itb-pump-cds.evidence"], dict)


def test_requirement_93_no_member_outside_the_specification_stands_on_a_card(cards: Found):
    allowed = {
        *("uuid", "summary", "detail", "indicator", "source", "suggestions"),
        *("selectionBehavior", "overrideReasons", "links", "extension"),
    }
    assert {member for card in cards for member in card} <= allowed
