"""Tables of the desk: who may log in, who is logged in, and who did what (`device.hub.accounts`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from device.hub.db.tables import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", Integer, primary_key=True),
    Column("name", Text, nullable=False),  # as it is shown
    Column("folded", Text, nullable=False, unique=True),  # as it is compared
    Column("role", String(16), nullable=False),
    Column("added_ms", BigInteger, nullable=False),
    Column("disabled_ms", BigInteger),
    Column("password", Text),  # as argon2 writes it; NULL until one is set
    Column("link_hash", LargeBinary(32), unique=True),  # SHA-256 of the one-time link that sets it
    Column("link_until_ms", BigInteger),
    Column("code_secret", String(64)),  # of the second factor, base32
    Column("code_step", BigInteger),  # of the code that was used last; NULL: none ever was
    Column("wrong_codes", Integer, nullable=False),  # one after the other
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_hash", LargeBinary(32), primary_key=True),  # SHA-256 of what the cookie holds
    Column("account_id", Integer, ForeignKey("accounts.account_id"), nullable=False),
    Column("began_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger, nullable=False),
    Column("whole", Boolean, nullable=False),  # also the second factor was shown, where the role asks for one
    Index("sessions_account", "account_id"),
)

# Triggers keep it from being changed (`device.hub.db.migrations`).
audit = Table(
    "audit",
    metadata,
    Column("audit_id", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),  # the account's name as it was; empty: nobody who is known
    Column("what", String(32), nullable=False),  # `device.hub.accounts.audit.Deed`
    Column("about", Text, nullable=False),
    Column("address", String(64), nullable=False),  # of the network it came from; empty: the command line
)
