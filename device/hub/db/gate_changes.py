"""What the desk changes about gates, and what it must know for that; in the transaction of the caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from device.hub.db.gate_tables import gate_groups, publications
from device.hub.db.tables import gates
from device.hub.gate_name import gate_name
from device.wire.bundle import Head

MOST_PUBLICATIONS: Final = 20
"""Are listed."""


class Facts(NamedTuple):
    """How a gate is registered.

    Attributes:
        public: its key.
        added_ms: when it was enrolled first.
        contact_ms: when it was last heard with check-ins or a question.
        sealing_day: nothing more comes that is sealed to the key of an earlier day.
    """

    public: bytes
    added_ms: int
    contact_ms: int
    sealing_day: str


class Publication(NamedTuple):
    """What was published at the desk: kind, version, when, by whom, bytes of the content."""

    kind: str
    version: int
    at_ms: int
    who: str
    size: int


def facts_of(connection: Connection, device_id: str) -> Facts | None:
    """Return how a gate is registered; ``None``: it is not."""
    columns = (gates.c.public_key, gates.c.added_ms, gates.c.contact_ms, gates.c.sealing_day)
    row = connection.execute(select(*columns).where(gates.c.device_id == device_id)).first()
    return None if row is None else Facts(*row)


def is_taken(connection: Connection, name: str, but: str = "") -> bool:
    """Return whether a gate is called so, or has this for its device id; *but* one."""
    same = or_(gates.c.name == name, gates.c.device_id == name)
    query = select(gates.c.device_id).where(same, gates.c.device_id != but).limit(1)
    return connection.execute(query).first() is not None


def rename(connection: Connection, device_id: str, name: str) -> None:
    """Call a gate something else."""
    connection.execute(update(gates).where(gates.c.device_id == device_id).values(name=name))


def put_into_group(connection: Connection, device_id: str, group: str) -> None:
    """Put a gate into a group, which begins with its first gate; empty: into none."""
    connection.execute(delete(gate_groups).where(gate_groups.c.device_id == device_id))
    if group:
        connection.execute(insert(gate_groups).values(device_id=device_id, name=group))


def group_name(text: str) -> str:
    """Return what people call a group as it is kept; empty stays empty. Raises `ValueError` in a sentence."""
    return gate_name(text) if text.strip() else ""


def revoke(connection: Connection, device_id: str, sign: Callable[[str, bytes], bytes]) -> bool:
    """Withdraw a gate's present key; return whether it was good until now.

    Args:
        connection: a transaction.
        device_id: of the gate.
        sign: returns the root's signature over the gate and its key (`device.wire.revocation`).
    """
    query = select(gates.c.public_key).where(gates.c.device_id == device_id, gates.c.revocation.is_(None))
    public = connection.execute(query.with_for_update()).scalar_one_or_none()
    if public is None:
        return False
    this = (gates.c.device_id == device_id, gates.c.public_key == public)
    connection.execute(update(gates).where(*this).values(revocation=sign(device_id, public)))
    return True


def note_publication(connection: Connection, head: Head, who: str) -> None:
    """Write down who published what."""
    values = {"kind": str(head.kind), "version": head.version, "at_ms": head.made_ms, "who": who, "bytes": head.size}
    connection.execute(insert(publications).values(values))


def newest_publications(connection: Connection) -> list[Publication]:
    """Return the last that were published at the desk, the newest first."""
    columns = (publications.c[name] for name in ("kind", "version", "at_ms", "who", "bytes"))
    query = select(*columns).order_by(publications.c.publication_id.desc()).limit(MOST_PUBLICATIONS)
    return [Publication(*row) for row in connection.execute(query)]


def publisher_of(connection: Connection, kind: str, version: int) -> str | None:
    """Return who published a version at the desk; ``None``: nobody there."""
    query = select(publications.c.who).where(publications.c.kind == kind, publications.c.version == version)
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def gates_with_good_keys(connection: Connection) -> int:
    """Count the gates whose key is good."""
    query = select(func.count()).select_from(gates).where(gates.c.revocation.is_(None))
    return int(connection.execute(query).scalar_one())
