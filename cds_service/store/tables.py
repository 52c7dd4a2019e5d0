"""The tables. Names of constraints are fixed, so that migrations can speak of them."""

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text
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
    Column("expires_at", Integer, nullable=False),
    Index(None, "expires_at"),
)
"""Tokens accepted once: a hash of issuer and jti, and when the token expires (epoch seconds)."""


def create_tables(connection: Connection) -> None:
    """Makes the tables and indexes that are missing; processes may all do it at once."""
    for table in metadata.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
