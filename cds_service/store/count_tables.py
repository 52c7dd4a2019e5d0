"""The table of counts by the hour: what the service did, never for whom."""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from cds_service.store.tables import metadata

hourly_counts = Table(
    "hourly_counts",
    metadata,
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("client", String(200), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("amount", BigInteger, nullable=False),
)
"""`hour` counts hours since 1970 in UTC; `kind` is what was counted, `name` which of it."""

alerts = Table(
    "alerts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("says", String(1000), nullable=False),
    Column("told_at", BigInteger, nullable=True),
)
"""Alarms that stand, such as silence of an EHR; a row goes when the alarm is over."""

sent_digests = Table(
    "sent_digests",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("tried_at", BigInteger, nullable=False),
    Column("says", String(1000), nullable=False),
)
"""The morning digest of each day: claimed by one process, sent, or failed and why."""
