"""The registry in the database: places, and the gates that guard them, in the transaction of the caller."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, delete, insert, or_, select, true, update

from device.hub.db.registry_tables import gate_assignments, registered_places
from device.hub.registry.place import RegisteredPlace

_EVERY_PLACE = true()
_NAMES = tuple(field.name for field in fields(RegisteredPlace))


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """A place as it stands in the registry.

    Attributes:
        place_id: ``place-`` and 12 hexadecimal digits.
        place: what is registered.
        added_ms: when, Unix milliseconds.
        archived_ms: since when it is out of use; ``None`` while it is in use.
    """

    place_id: str
    place: RegisteredPlace
    added_ms: int
    archived_ms: int | None = None

    def changed(self, **values: str) -> PlaceRecord:
        """Return it with other values of some fields."""
        return replace(self, place=replace(self.place, **values))


def new_place(place: RegisteredPlace, now_ms: int) -> PlaceRecord:
    """Return a record with a new id; it is not in the database yet."""
    return PlaceRecord(f"place-{secrets.token_hex(6)}", place, now_ms)


def all_places(connection: Connection, which: ColumnElement[bool] = _EVERY_PLACE) -> list[PlaceRecord]:
    """Return every place of which *which* is so, those out of use too, in no order."""
    return [_record(row) for row in connection.execute(select(registered_places).where(which)).mappings()]


def place_called(connection: Connection, place_id: str, sees: ColumnElement[bool]) -> PlaceRecord | None:
    """Return a place by its id; ``None``: there is none, or it is not among those of which *sees* is so."""
    return next(iter(all_places(connection, (registered_places.c.place_id == place_id) & sees)), None)


def find_places(connection: Connection, word: str) -> list[PlaceRecord]:
    """Return the places that have this id, or this code, or else are called so."""
    table = registered_places
    query = select(table).where(or_(table.c.place_id == word, table.c.code == word))
    found = [_record(row) for row in connection.execute(query).mappings()]
    if found:
        return found
    return [_record(row) for row in connection.execute(select(table).where(table.c.name == word)).mappings()]


def find_like(connection: Connection, place: RegisteredPlace, own_id: str = "") -> PlaceRecord | None:
    """Return the place, other than *own_id*, beside which *place* could not be registered; ``None``: it can be."""
    table = registered_places
    same = table.c.likeness == place.likeness
    query = select(table).where(or_(same, table.c.code == place.code) if place.code else same)
    query = query.where(table.c.place_id != own_id)
    row = connection.execute(query.limit(1)).mappings().first()
    return None if row is None else _record(row)


def add_places(connection: Connection, records: Sequence[PlaceRecord]) -> None:
    """Store new places; raises `sqlalchemy.exc.IntegrityError` where one is there already."""
    if records:
        connection.execute(insert(registered_places), [_values(record) for record in records])


def change_places(connection: Connection, records: Iterable[PlaceRecord]) -> None:
    """Store places that are there already as they are now; raises as `add_places`."""
    rows = [{f"new_{name}": value for name, value in _values(record).items()} for record in records]
    if not rows:
        return
    kept = [column.name for column in registered_places.columns if not column.primary_key]
    columns: dict[str, object] = {name: bindparam(f"new_{name}") for name in kept}
    which = registered_places.c.place_id == bindparam("new_place_id")
    connection.execute(update(registered_places).where(which).values(columns), rows)


def assign_gate(connection: Connection, device_id: str, place_id: str | None, now_ms: int) -> None:
    """Let a gate guard a place, and no other; ``None``: none that is registered."""
    connection.execute(delete(gate_assignments).where(gate_assignments.c.device_id == device_id))
    if place_id is not None:
        values = {"device_id": device_id, "place_id": place_id, "since_ms": now_ms}
        connection.execute(insert(gate_assignments).values(values))


def some_places(connection: Connection, most: int) -> list[PlaceRecord]:
    """Return the places in use where there are at most *most*; else none."""
    query = select(registered_places).where(registered_places.c.archived_ms.is_(None)).limit(most + 1)
    found = [_record(row) for row in connection.execute(query).mappings()]
    return found if len(found) <= most else []


def _values(record: PlaceRecord) -> dict[str, object]:
    place = record.place
    own = {"place_id": record.place_id, "added_ms": record.added_ms, "archived_ms": record.archived_ms}
    return asdict(place) | {"code": place.code or None, "likeness": place.likeness} | own


def _record(row: RowMapping) -> PlaceRecord:
    place = RegisteredPlace(**{name: row[name] or "" for name in _NAMES})
    return PlaceRecord(row["place_id"], place, row["added_ms"], row["archived_ms"])
