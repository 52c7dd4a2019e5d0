"""The coordinator's work, sessions, audit, counts."""

import sqlalchemy as sa
from alembic import op

from cds_service.store.audit_guard import guard_audit, unguard_audit

revision = "0002"
down_revision = "0001"

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
    "alerts",
    _metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("says", sa.String(1000), nullable=False),
    sa.Column("told_at", sa.BigInteger, nullable=True),
)
sa.Table(
    "audit",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("person", sa.String(255), nullable=False),
    sa.Column("patient", sa.String(255), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("chain", sa.String(64), nullable=False, unique=True),
    sa.Index(None, "at"),
    sa.Index(None, "patient"),
)
sa.Table(
    "handout_releases",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("patient", sa.String(255), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("person", sa.String(255), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Index(None, "patient"),
)
sa.Table(
    "hourly_counts",
    _metadata,
    sa.Column("hour", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("client", sa.String(200), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
)
sa.Table(
    "kept_forms",
    _metadata,
    sa.Column("person", sa.String(255), primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
sa.Table(
    "leases",
    _metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("holder", sa.String(64), nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
)
sa.Table(
    "notes",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("patient", sa.String(255), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("who", sa.String(255), nullable=False),
    sa.Column("says", sa.Text, nullable=False),
    sa.Index(None, "patient"),
)
sa.Table(
    "people",
    _metadata,
    sa.Column("id", sa.String(255), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("seen_at", sa.BigInteger, nullable=False),
)
sa.Table(
    "readings",
    _metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("patient", sa.String(255), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("taken_at", sa.String(40), nullable=False),
    sa.Column("entered_at", sa.BigInteger, nullable=False),
    sa.Column("who", sa.String(255), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("sent", sa.String(20), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("withdrawn_because", sa.Text, nullable=False),
    sa.Index(None, "patient"),
)
sa.Table(
    "refreshes",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source", sa.String(200), nullable=False),
    sa.Column("began_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger, nullable=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("says", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=True),
    sa.Column("good", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Index(None, "began_at"),
)
sa.Table(
    "saved_views",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("owner", sa.String(255), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("is_default", sa.Integer, nullable=False),
    sa.Index(None, "owner", "name", unique=True),
)
sa.Table(
    "searches",
    _metadata,
    sa.Column("id", sa.String(43), primary_key=True),
    sa.Column("owner", sa.String(255), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Index(None, "at"),
    sa.Index(None, "owner"),
)
sa.Table(
    "sent_digests",
    _metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("tried_at", sa.BigInteger, nullable=False),
    sa.Column("says", sa.String(1000), nullable=False),
)
sa.Table(
    "sessions",
    _metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("person", sa.String(255), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("patient", sa.String(255), nullable=False),
    sa.Column("began_at", sa.BigInteger, nullable=False),
    sa.Column("seen_at", sa.BigInteger, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Index(None, "seen_at"),
)
sa.Table(
    "sign_ins",
    _metadata,
    sa.Column("state", sa.String(64), primary_key=True),
    sa.Column("began_at", sa.BigInteger, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
sa.Table(
    "statuses",
    _metadata,
    sa.Column("patient", sa.String(255), primary_key=True),
    sa.Column("read_at", sa.BigInteger, nullable=False),
    sa.Column("tried_at", sa.BigInteger, nullable=False),
    sa.Column("failure", sa.Text, nullable=False),
    sa.Column("gone", sa.Text, nullable=False),
    sa.Column("head", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
sa.Table(
    "tasks",
    _metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("patient", sa.String(255), nullable=False),
    sa.Column("kind", sa.String(200), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("owner", sa.String(255), nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("closed_at", sa.BigInteger, nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("open_key", sa.String(500), nullable=True, unique=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("sent_version", sa.Integer, nullable=False),
    sa.Column("sent_fault", sa.Text, nullable=False),
    sa.Index(None, "closed_at"),
    sa.Index(None, "patient"),
)
sa.Table(
    "refresh_patients",
    _metadata,
    sa.Column(
        "refresh",
        sa.Integer,
        sa.ForeignKey("refreshes.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("patient", sa.String(255), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
)
sa.Table(
    "task_events",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("task", sa.String(36), sa.ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("who", sa.String(255), nullable=False),
    sa.Column("what", sa.String(40), nullable=False),
    sa.Column("says", sa.Text, nullable=False),
    sa.Column("on_day", sa.String(10), nullable=False),
    sa.Index(None, "task"),
)


def upgrade() -> None:
    """Makes the tables."""
    _metadata.create_all(op.get_bind())
    guard_audit(op.get_bind())


def downgrade() -> None:
    """Takes the tables away, and all that is in them."""
    unguard_audit(op.get_bind())
    # What speaks of the ends of a chain that is gone.
    ends = "'audit_cut_at', 'audit_cut_seal', 'audit_newest'"
    op.execute(f"DELETE FROM store_keys WHERE name IN ({ends})")  # noqa: S608
    _metadata.drop_all(op.get_bind())
