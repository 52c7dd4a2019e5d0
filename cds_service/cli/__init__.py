"""The command line: `itb-cds serve | demo | evaluate | check | feedback | replay`."""

from cds_service.cli.command_line import main

__all__ = ["main"]
