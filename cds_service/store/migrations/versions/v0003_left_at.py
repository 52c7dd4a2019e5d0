"""When a patient left the cohort, so that a site can have what is kept of the patient end."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds the moment; 0 for those who had left before it was kept."""
    with op.batch_alter_table("statuses") as statuses:
        statuses.add_column(sa.Column("gone_at", sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    """Takes it away."""
    with op.batch_alter_table("statuses") as statuses:
        statuses.drop_column("gone_at")
