"""The log: one JSON object a line on standard error."""

import logging
import sys

import msgspec
import structlog


def start_log() -> None:
    """Configures the log of this process; a short chain, because it runs for every chart open."""
    encode = msgspec.json.encode
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            lambda _logger, _method, event: encode(event),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
