"""When a patient left the cohort; the moments of readings in milliseconds.

The first lets a site end what is kept of the patient; the second tells two readings within one
second apart.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_READINGS = sa.table(
    "statuses", sa.column("read_at", sa.BigInteger), sa.column("tried_at", sa.BigInteger)
)


def upgrade() -> None:
    """Adds the moment of leaving, 0 for those who had left before it was kept."""
    with op.batch_alter_table("statuses") as statuses:
        statuses.add_column(sa.Column("gone_at", sa.BigInteger, nullable=False, server_default="0"))
    op.execute(
        _READINGS.update().values(
            read_at=_READINGS.c.read_at * 1000, tried_at=_READINGS.c.tried_at * 1000
        )
    )


def downgrade() -> None:
    """Takes it away; readings lose what is below a second."""
    op.execute(
        _READINGS.update().values(
            # An integer divided by an integer stays one, in SQLite and PostgreSQL alike.
            read_at=sa.literal_column("read_at / 1000"),
            tried_at=sa.literal_column("tried_at / 1000"),
        )
    )
    with op.batch_alter_table("statuses") as statuses:
        statuses.drop_column("gone_at")
