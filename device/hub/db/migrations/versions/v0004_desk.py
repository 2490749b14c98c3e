"""Version 4: who may log in at the desk, who is logged in, and who did what."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Connection, ForeignKey, Integer, LargeBinary, String, Text

from device.words import sentence

revision: Final = "0004"
down_revision: Final = "0003"
TOLD: Final = sentence("make room for accounts of the desk")
_KEEP_IN_SQLITE: Final = (
    "CREATE TRIGGER audit_no_{word} BEFORE {word} ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END"
)
_KEEP: Final = (
    """CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit record is only added to'; END $$""",
    "CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_kept()",
)


def rows(_: Connection) -> int:
    """Return how many rows are moved: none."""
    return 0


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "accounts",
        Column("account_id", Integer, primary_key=True),
        Column("name", Text, nullable=False),
        Column("folded", Text, nullable=False, unique=True),
        Column("role", String(16), nullable=False),
        Column("added_ms", BigInteger, nullable=False),
        Column("disabled_ms", BigInteger),
        Column("password", Text),
        Column("link_hash", LargeBinary(32), unique=True),
        Column("link_until_ms", BigInteger),
        Column("code_secret", String(64)),
        Column("code_step", BigInteger),
        Column("wrong_codes", Integer, nullable=False),
    )
    op.create_table(
        "sessions",
        Column("session_hash", LargeBinary(32), primary_key=True),
        Column("account_id", Integer, ForeignKey("accounts.account_id"), nullable=False),
        Column("began_ms", BigInteger, nullable=False),
        Column("used_ms", BigInteger, nullable=False),
        Column("whole", Boolean, nullable=False),
    )
    op.create_index("sessions_account", "sessions", ["account_id"])
    op.create_table(
        "audit",
        Column("audit_id", Integer, primary_key=True),
        Column("at_ms", BigInteger, nullable=False),
        Column("who", Text, nullable=False),
        Column("what", String(32), nullable=False),
        Column("about", Text, nullable=False),
        Column("address", String(64), nullable=False),
    )
    in_sqlite = [_KEEP_IN_SQLITE.format(word=word) for word in ("update", "delete")]
    for statement in in_sqlite if op.get_context().dialect.name == "sqlite" else _KEEP:
        op.execute(statement)
