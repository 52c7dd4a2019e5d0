"""The database itself refuses to change or delete entries of the audit, whoever asks.

One way out: entries that were kept for as long as the site must keep them. The row `audit_cut_at`
of `store_keys` holds the number of the last that may go, `audit_cut_seal` its seal, from which the
rest of the chain follows, with a proof that this service wrote it. `audit_newest` proves which row
is the newest.
"""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from cds_service.store.database import POSTGRESQL

CUT_AT, CUT_SEAL, NEWEST = "audit_cut_at", "audit_cut_seal", "audit_newest"

_MAY_GO = "COALESCE((SELECT CAST(value AS INTEGER) FROM store_keys WHERE name = 'audit_cut_at'), 0)"
_ON_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS audit_unchanged BEFORE UPDATE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_kept BEFORE DELETE ON audit "
    f"WHEN OLD.id > {_MAY_GO} "
    "BEGIN SELECT RAISE(ABORT, 'the audit is kept'); END",
)
_ON_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF TG_OP = 'DELETE' THEN IF OLD.id <= {_MAY_GO} THEN RETURN OLD; END IF; END IF; "
    "RAISE EXCEPTION 'the audit is never changed'; END $$",
    "CREATE OR REPLACE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON audit "
    "FOR EACH ROW EXECUTE FUNCTION audit_is_kept()",
    "CREATE OR REPLACE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()",
)


def guard_audit(connection: Connection) -> None:
    """Puts the guard in place, if it is not there."""
    is_server = connection.dialect.name == POSTGRESQL
    for statement in _ON_POSTGRESQL if is_server else _ON_SQLITE:
        connection.execute(text(statement))


def unguard_audit(connection: Connection) -> None:
    """Takes the guard away, for the step down to a version that has no audit."""
    if connection.dialect.name == POSTGRESQL:
        connection.execute(text("DROP FUNCTION IF EXISTS audit_is_kept() CASCADE"))
        return
    for name in ("audit_unchanged", "audit_kept"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
