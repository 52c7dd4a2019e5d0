"""Run by Alembic: every migration in the one transaction that the caller has begun."""

from alembic import context

from cds_service.store import count_tables, work_tables  # noqa: F401 - they are in the metadata
from cds_service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
