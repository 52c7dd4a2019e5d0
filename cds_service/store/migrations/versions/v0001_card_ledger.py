"""Cards shown, feedback, and tokens seen."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# As they are after this step, whatever becomes of them later.
sa.Table(
    "calls",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("client", sa.String(200), nullable=False),
    sa.Column("service", sa.String(40), nullable=False),
    sa.Column("patient", sa.String(64), nullable=False),
    sa.Column("user", sa.String(64), nullable=False),
    sa.Column("answered_at", sa.BigInteger, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Index(None, "answered_at"),
    sa.Index(None, "client", "patient", "user"),
)
sa.Table(
    "feedback",
    _metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("client", sa.String(200), nullable=False),
    sa.Column("card", sa.String(200), nullable=False),
    sa.Column("patient", sa.String(64), nullable=False),
    sa.Column("user", sa.String(64), nullable=False),
    sa.Column("outcome", sa.String(10), nullable=False),
    sa.Column("accepted", sa.Text, nullable=False),
    sa.Column("reason_system", sa.String(200), nullable=False),
    sa.Column("reason_code", sa.String(200), nullable=False),
    sa.Column("reason_display", sa.String(200), nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("stated_date", sa.String(10), nullable=False),
    sa.Column("outcome_at", sa.BigInteger, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Index(None, "card"),
    sa.Index(None, "client", "patient", "user"),
    sa.Index(None, "received_at"),
)
sa.Table(
    "seen_tokens",
    _metadata,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Index(None, "expires_at"),
)
sa.Table(
    "store_keys",
    _metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
sa.Table(
    "cards",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call", sa.Integer, sa.ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    sa.Column("uuid", sa.String(36), nullable=False),
    sa.Column("plan", sa.String(200), nullable=False),
    sa.Column("version", sa.String(64), nullable=False),
    sa.Column("action", sa.String(200), nullable=False),
    sa.Column("topic", sa.String(100), nullable=False),
    sa.Column("indicator", sa.String(10), nullable=False),
    sa.Column("cause", sa.String(64), nullable=False),
    sa.Column("fate", sa.String(12), nullable=False),
    sa.Column("seal", sa.String(64), nullable=False),
    sa.Index(None, "call"),
    sa.Index(None, "uuid"),
)


def upgrade() -> None:
    """Makes the tables."""
    _metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Takes the tables away, and all that is in them."""
    _metadata.drop_all(op.get_bind())
