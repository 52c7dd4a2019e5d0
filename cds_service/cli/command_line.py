"""Commands, their options and help, and how a refusal is said."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

from cds_service import __version__
from cds_service.cds_hooks.discovery import SERVICES
from cds_service.errors import ItbCdsError, RequiredDataMissingError
from cds_service.guidance.plan import WORKLIST

FOUND_PROBLEMS = 1
CANNOT_RUN = 2

_EXIT_STATUS = """exit status:
  0  done
  1  problems were found (said on standard error)
  2  wrong use, or it cannot run (said on standard error)"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status. Refusals are said in words on standard error."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away, as `| head` does: nobody is left to tell. Python would still try.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND_PROBLEMS
    except RequiredDataMissingError as error:
        print(f"error: {error}", file=sys.stderr)
        return FOUND_PROBLEMS
    except ItbCdsError as error:
        print(f"error: {error}", file=sys.stderr)
        return CANNOT_RUN
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="itb-cds",
        description="Decision support for people with an implanted intrathecal baclofen pump.",
        epilog=_EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"itb-cds {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_serve(commands)
    _add_demo(commands)
    _add_evaluate(commands)
    _add_check(commands)
    _add_refresh(commands)
    _add_feedback(commands)
    _add_replay(commands)
    _add_digest(commands)
    _add_store(commands)
    return parser


_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add_serve(commands: _Commands) -> None:
    command = _command(commands, "serve", "run the CDS service", "serve:serve")
    _add_config(command)
    command.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    command.add_argument("--port", type=int, help="port to listen on (default 8000)")
    _add_as_of(command)
    command.add_argument(
        "--no-client-authentication",
        action="store_true",
        help="answer whoever calls; for trying the service, and on this machine only",
    )


def _add_demo(commands: _Commands) -> None:
    command = _command(commands, "demo", "run the service with a demo clinic", "serve:demo")
    command.add_argument("--port", type=int, help="port to listen on (default 8000)")
    _add_as_of(command)


def _add_evaluate(commands: _Commands) -> None:
    command = _command(
        commands, "evaluate", "print the cards for one patient's Bundle", "evaluate:evaluate"
    )
    command.add_argument(
        "bundle",
        metavar="BUNDLE.json",
        help="a FHIR R4 Bundle (collection, searchset or transaction) of one patient; "
        "- reads standard input",
    )
    command.add_argument(
        "--hook",
        choices=[*sorted(service.hook for service in SERVICES.values()), WORKLIST],
        default="patient-view",
        help="the hook to answer, or the coordinator's worklist (default patient-view)",
    )
    command.add_argument(
        "--draft-orders",
        metavar="FILE",
        help="for order-select and order-sign: the draft orders, a FHIR Bundle of them "
        "(default: the requests of BUNDLE.json with status draft)",
    )
    command.add_argument(
        "--appointments",
        metavar="FILE",
        help="for appointment-book: the visits about to be booked, a FHIR Bundle of them "
        "(default: the Appointments of BUNDLE.json with status proposed)",
    )
    _add_as_of(command)
    _add_config(command)
    command.add_argument(
        "--explain",
        action="store_true",
        help="after the cards, print every fact with its evidence and every rule's decision",
    )


def _add_check(commands: _Commands) -> None:
    command = _command(
        commands,
        "check",
        "check settings, plans, resources and EHRs; or one patient",
        "check:check",
    )
    _add_config(command)
    command.add_argument(
        "--patient",
        metavar="ID",
        help="read this patient from a client's EHR, and print which facts were found, from where",
    )
    command.add_argument("--client", metavar="NAME", help="the client whose EHR is read")


def _add_refresh(commands: _Commands) -> None:
    summary = "read all patients of the worklist once"
    command = _command(commands, "refresh", summary, "refresh:refresh")
    _add_config(command)
    command.add_argument(
        "--let-go",
        action="store_true",
        help="take off the list whoever the cohort leaves out, however many",
    )


def _add_feedback(commands: _Commands) -> None:
    summary = "report what users did with cards: shown, accepted, overridden, why"
    command = _command(commands, "feedback", summary, "kept:feedback")
    _add_config(command)
    command.add_argument(
        "--days", type=int, default=30, help="how many days to look back (default 30)"
    )
    command.add_argument(
        "--comments", action="store_true", help="print users' comments too; they may name anybody"
    )
    command.add_argument("--json", action="store_true", help="print it as JSON")


def _add_replay(commands: _Commands) -> None:
    summary = "make a card again from the ledger, and compare it with the one shown"
    command = _command(commands, "replay", summary, "kept:replay")
    command.add_argument("card", metavar="CARD_UUID", help="the card's uuid")
    command.add_argument(
        "--patient",
        required=True,
        metavar="ID",
        help="the FHIR id of the patient the card was about; the ledger does not hold it",
    )
    command.add_argument(
        "--plans",
        type=Path,
        metavar="FOLDER",
        help="the plans of that time (default: those in use)",
    )
    _add_config(command)


def _add_digest(commands: _Commands) -> None:
    summary = "print the morning digest as it would be sent now; nothing is sent"
    _add_config(_command(commands, "digest", summary, "digest:print_digest"))


def _add_store(commands: _Commands) -> None:
    summary = "check or copy the site's database, show its version, or move it to another"
    command = _command(commands, "store", summary, "store:store")
    acts = ("current", "check", "backup", "upgrade", "downgrade")
    command.add_argument("act", choices=acts, help="what to do")
    command.add_argument(
        "--to",
        metavar="FILE_OR_VERSION",
        help="for backup: the file to make; for downgrade: the version, or base",
    )
    command.add_argument(
        "--yes", action="store_true", help="downgrade although what is in newer tables is lost"
    )
    _add_config(command)


def _command(commands: _Commands, name: str, summary: str, run: str) -> argparse.ArgumentParser:
    """A command; `run` names the module of this room and the function in it.

    It is imported when it is called: most of the service is not needed to say what is wrong with
    an option.
    """

    def called(options: argparse.Namespace) -> int:
        module, _, function = run.partition(":")
        done: int = getattr(import_module(f"cds_service.cli.{module}"), function)(options)
        return done

    command = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=_EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(command=called)
    return command


def _add_config(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config",
        type=Path,
        metavar="SITE.toml",
        help="the site's configuration (default: the file ITB_CDS_CONFIG names, else none)",
    )


def _add_as_of(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--as-of",
        metavar="TIME",
        help="answer as if it were this moment: 2026-11-22T09:00:00-05:00; without offset the "
        "site's own time, a date alone is noon at the site",
    )
