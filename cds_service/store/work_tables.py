"""The tables of the coordinator's work: who stands where, who does what, who looked.

Unlike the ledger's, they hold names and birth dates: a worklist of pseudonyms could not be worked.
No whole chart is kept. Times are epoch seconds, those of readings milliseconds; dates
`2026-11-30`, '' where there is none.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from cds_service.store.tables import metadata

statuses = Table(
    "statuses",
    metadata,
    Column("patient", String(255), primary_key=True),
    Column("read_at", BigInteger, nullable=False),
    Column("tried_at", BigInteger, nullable=False),
    Column("failure", Text, nullable=False),
    Column("gone", Text, nullable=False),
    Column("gone_at", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""The last good reading of each patient (`read_at` 0: none); `failure` why the newest try failed.

`gone` says why the cohort has the patient no more, since `gone_at` (0: while it has). `head` holds
what the list shows, as JSON.
"""

tasks = Table(
    "tasks",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("patient", String(255), nullable=False),
    Column("kind", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("owner", String(255), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger, nullable=True),
    Column("version", Integer, nullable=False),
    Column("open_key", String(500), nullable=True, unique=True),
    Column("content", LargeBinary, nullable=False),
    Column("sent_version", Integer, nullable=False),
    Column("sent_fault", Text, nullable=False),
    Index(None, "patient"),
    Index(None, "closed_at"),
)
"""Work to do for a patient, whole in `content`; the other columns are what is asked for.

`open_key` is set while a task is open: one of a kind at a time. `sent_version` is the version that
the EHR has (0: none), `sent_fault` why a newer one could not be sent.
"""

task_events = Table(
    "task_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("task", String(36), ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("who", String(255), nullable=False),
    Column("what", String(40), nullable=False),
    Column("says", Text, nullable=False),
    Column("on_day", String(10), nullable=False),
    Index(None, "task"),
)
"""What happened to a task, oldest first: see `coordination.tasks.Event`."""

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("patient", String(255), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("who", String(255), nullable=False),
    Column("says", Text, nullable=False),
    Index(None, "patient"),
)
"""What people wrote about a patient."""

readings = Table(
    "readings",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("patient", String(255), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("taken_at", String(40), nullable=False),
    Column("entered_at", BigInteger, nullable=False),
    Column("who", String(255), nullable=False),
    Column("state", String(20), nullable=False),
    Column("sent", String(20), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("withdrawn_because", Text, nullable=False),
    Index(None, "patient"),
)
"""Pump printouts typed in, and refills elsewhere that were confirmed. Withdrawn ones stay."""

handout_releases = Table(
    "handout_releases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("patient", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("person", String(255), nullable=False),
    Column("name", String(200), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index(None, "patient"),
)
"""Pages for patients that a clinician released; `fingerprint` is a hash of what the page says."""

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("name", String(100), nullable=False),
    Column("query", Text, nullable=False),
    Column("is_default", Integer, nullable=False),
    Index(None, "owner", "name", unique=True),
)
"""Filters of the worklist under a name; the one that `is_default` (1) is what its owner opens."""

searches = Table(
    "searches",
    metadata,
    Column("id", String(43), primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Index(None, "owner"),
    Index(None, "at"),
)
"""What people looked for by name, for some hours: an address names the `id`, never the text."""

people = Table(
    "people",
    metadata,
    Column("id", String(255), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)
"""Who has signed in: to whom work can be given."""

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person", String(255), nullable=False),
    Column("role", String(20), nullable=False),
    Column("patient", String(255), nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index(None, "seen_at"),
)
"""Who is signed in; `id` is a hash of what the browser holds, `patient` whom a launch named."""

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("state", String(64), primary_key=True),
    Column("began_at", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""Sign-ins under way, each used once; `state` is a hash of what the browser brings back."""

kept_forms = Table(
    "kept_forms",
    metadata,
    Column("person", String(255), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""What somebody sent when the session had just ended, encrypted; it comes back to that person."""

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("person", String(255), nullable=False),
    Column("patient", String(255), nullable=False),
    Column("content", Text, nullable=False),
    Column("chain", String(64), nullable=False, unique=True),
    Index(None, "at"),
    Index(None, "patient"),
)
"""Who viewed, exported or changed what, as FHIR AuditEvent; each row seals the one before it."""

refreshes = Table(
    "refreshes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(200), nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=True),
    Column("state", String(20), nullable=False),
    Column("says", Text, nullable=False),
    Column("number", Integer, nullable=True),
    Column("good", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Index(None, "began_at"),
)
"""Readings of the whole population; one that was cut off goes on where it stopped.

`number` counts the patients, None until they are known; `good` and `failed` count when it is over.
"""

refresh_patients = Table(
    "refresh_patients",
    metadata,
    Column(
        "refresh",
        Integer,
        ForeignKey("refreshes.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("patient", String(255), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("state", String(10), nullable=False),
)
"""Whom a refresh under way still has to read ('' is not read yet); gone when it is over."""

leases = Table(
    "leases",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""What one process at a time does; whoever dies loses it when its time is over."""
