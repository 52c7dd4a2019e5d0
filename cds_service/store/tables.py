"""The tables. Names of constraints are fixed, so that migrations can speak of them."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateIndex, CreateTable

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

store_keys = Table(
    "store_keys",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What the whole store goes by: the fingerprint of the key that its hashes were made with."""

seen_tokens = Table(
    "seen_tokens",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "expires_at"),
)
"""Tokens accepted once: a hash of issuer and jti, and when the token expires (epoch seconds)."""

calls = Table(
    "calls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("client", String(200), nullable=False),
    Column("service", String(40), nullable=False),
    Column("patient", String(64), nullable=False),
    Column("user", String(64), nullable=False),
    Column("answered_at", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index(None, "client", "patient", "user"),
    Index(None, "answered_at"),
)
"""Hook calls with something to say: whose (keyed hashes), when, and all that made the cards."""

cards = Table(
    "cards",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("call", Integer, ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    Column("uuid", String(36), nullable=False),
    Column("plan", String(200), nullable=False),
    Column("version", String(64), nullable=False),
    Column("action", String(200), nullable=False),
    Column("topic", String(100), nullable=False),
    Column("indicator", String(10), nullable=False),
    Column("cause", String(64), nullable=False),
    Column("fate", String(12), nullable=False),
    Column("seal", String(64), nullable=False),
    Index(None, "uuid"),
    Index(None, "call"),
)
"""Each piece of advice of a call: a card shown, folded into another, or withheld, and why.

`cause` seals what the advice rested on; `seal` the card's own JSON, empty when there was no card.
"""

feedback = Table(
    "feedback",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("client", String(200), nullable=False),
    Column("card", String(200), nullable=False),
    Column("patient", String(64), nullable=False),
    Column("user", String(64), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("accepted", Text, nullable=False),
    Column("reason_system", String(200), nullable=False),
    Column("reason_code", String(200), nullable=False),
    Column("reason_display", String(200), nullable=False),
    Column("comment", Text, nullable=False),
    Column("stated_date", String(10), nullable=False),
    Column("outcome_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Index(None, "card"),
    Index(None, "client", "patient", "user"),
    Index(None, "received_at"),
)
"""What users did with cards, and whose they were (keyed hashes; empty when not one person's alone).

`comment` is free text, kept for a time only; times are epoch seconds.
"""


def create_tables(connection: Connection) -> None:
    """Makes the tables and indexes that are missing; processes may all do it at once."""
    for table in metadata.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
