"""`itb-cds feedback` and `itb-cds replay`: what the store has kept of cards and feedback."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from datetime import timedelta

import msgspec

from cds_service.app.clock import running_clock
from cds_service.app.plans import plans, plans_folder
from cds_service.cds_hooks.cards import Card, response_body
from cds_service.cds_hooks.kept_call import KeptCall, cards_again, read_kept_call
from cds_service.errors import InputError, ReplayError
from cds_service.settings import Settings, read_settings
from cds_service.store.card_ledger import LedgerEntry
from cds_service.store.feedback_report import (
    FeedbackReport,
    TopicReport,
    feedback_report,
    report_json,
)
from cds_service.store.open_store import DATABASE_FILE, Store, open_store

_NOT_THE_SAME = 1


def feedback(options: Namespace) -> int:
    """Prints how often cards were shown, accepted and overridden, and why."""
    settings = read_settings(options.config)
    store = _store(settings)
    since = running_clock(settings.time_zone)() - timedelta(days=options.days)
    report = feedback_report(store.engine, since, with_comments=options.comments)
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(report_json(report)), indent=2).decode())
    else:
        for line in _lines(report):
            print(line)
    return 0


def replay(options: Namespace) -> int:
    """Makes a card again from the ledger and prints it; 1 when it is not the same as then."""
    settings = read_settings(options.config)
    store = _store(settings)
    entry = _entry(store, options.card, options.patient)
    kept = read_kept_call(entry.content)
    folder = options.plans or settings.plans.folder or plans_folder()
    made = cards_again(kept, plans(folder, kept.thresholds), options.patient)
    card = _with_uuid(made, entry.card.uuid)
    print(msgspec.json.format(msgspec.json.encode(card), indent=2).decode())
    if store.pseudonyms.seal(response_body([card])) == entry.card.seal:
        print("The card is the same as then, byte for byte.", file=sys.stderr)
        return 0
    print(f"error: {_difference(kept)}", file=sys.stderr)
    return _NOT_THE_SAME


def _store(settings: Settings) -> Store:
    """The site's store, which must be there already."""
    folder = settings.store.folder
    if folder is None or not (folder / DATABASE_FILE).is_file():
        found = "no folder" if folder is None else f"no {DATABASE_FILE} in {folder}"
        raise InputError(
            f"{settings.origin}: store.folder: found {found}, expected the folder that the "
            "service keeps its cards and feedback in. Name it under [store]."
        )
    return open_store(folder, running_clock(settings.time_zone), settings.store)


def _entry(store: Store, uuid: str, patient_id: str) -> LedgerEntry:
    entries = store.cards.entries(uuid.lower())
    if not entries:
        raise ReplayError(
            "ledger: found no card with this uuid that was shown. Correct the uuid, or look in "
            "the store that the service used then."
        )
    for entry in entries:
        if store.pseudonyms.of_patient(entry.client, patient_id) == entry.patient:
            return entry
    raise ReplayError("ledger: the card was about another patient. Correct --patient.")


def _with_uuid(made: list[Card], uuid: str) -> Card:
    for card in made:
        if card["uuid"] == uuid:
            return card
    raise ReplayError("ledger: the kept facts give no such card. Replay with the version of then.")


def _difference(kept: KeptCall) -> str:
    return (
        f"the card differs from the one shown then, which version {kept.software} of the service "
        "made. Replay it with that version, and with the plans of that time: --plans."
    )


def _lines(report: FeedbackReport) -> Iterator[str]:
    yield f"Cards and feedback since {report.since:%Y-%m-%d %H:%M %Z}"
    if not report.topics:
        yield "  nothing was shown, and nobody said anything"
    for topic in report.topics:
        yield from _topic_lines(topic)
    if report.on_unknown_cards:
        yield f"  feedback on cards that the ledger does not have: {report.on_unknown_cards}"


def _topic_lines(topic: TopicReport) -> Iterator[str]:
    yield (
        f"\n{topic.topic}: shown {topic.shown}, accepted {topic.accepted}, "
        f"overridden {topic.overridden}"
    )
    for fate, count in topic.withheld.items():
        yield f"  not shown on a card of its own ({fate}): {count}"
    for reason, count in sorted(topic.reasons.items(), key=lambda each: (-each[1], each[0])):
        yield f"  because {reason or 'no reason was given'}: {count}"
    for comment in topic.comments:
        yield f"  comment: {comment}"
