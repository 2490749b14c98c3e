"""Places as the desk lists them: page by page in Vietnamese order, searched without marks; and the gates of one.

Neither database orders or searches as Vietnamese does, so a page is picked from the few columns that this needs of all
places, in one statement; what is shown is read for that page only. No statement looks at a check-in.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, select

from device.hub.db import registry
from device.hub.db.gate_state import SILENT_S, SILENT_WITHOUT_REPORTS_S, gate_state
from device.hub.db.registry import PlaceRecord
from device.hub.db.registry_tables import gate_assignments, posters, registered_places
from device.hub.db.tables import gates
from device.hub.registry.vietnamese_order import plain_text, sort_text

PAGE: Final = 100
MOST_GATES: Final = 200
"""Of one place; the page of a place is no list of gates."""
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which places are listed; what is empty asks for nothing.

    Attributes:
        text: a part of the name, or the code.
        province: a part of it.
        commune: a part of it.
        kind: a word of `PlaceKind`.
        archived: those out of use, in the place of those in use.
    """

    text: str = ""
    province: str = ""
    commune: str = ""
    kind: str = ""
    archived: bool = False


class Listed(NamedTuple):
    """A place of the list.

    Attributes:
        record: the place.
        gates: how many are to guard it.
        posters: how many of its entrances have one.
    """

    record: PlaceRecord
    gates: int
    posters: int


class GateAt(NamedTuple):
    """A gate that is to guard a place.

    Attributes:
        device_id: of the gate.
        name: what people call it.
        state: ``well``, ``trouble``, ``silent``, ``never`` (heard) or ``revoked``.
        heard_ms: when it was last heard; ``None``: never.
        waiting: check-ins that it has not delivered; ``None``: not known.
    """

    device_id: str
    name: str
    state: str
    heard_ms: int | None
    waiting: int | None


def page_of(
    connection: Connection, sees: ColumnElement[bool], filters: Filters, after: str = ""
) -> tuple[list[Listed], int, str]:
    """Return a page of places, how many there are on all pages, and the id behind which the next begins; empty: none.

    Args:
        connection: to the database.
        sees: of which places, a condition on ``registered_places.place_id``.
        filters: what is asked for.
        after: the id of the last place of the page before; one that is not there begins anew.
    """
    begin = _key_of(connection, after) if after else None
    keys = list(_keys(connection, sees, filters))
    behind = keys if begin is None else [key for key in keys if key > begin]
    ids = [place_id for _, place_id in heapq.nsmallest(PAGE + 1, behind)]
    return _listed(connection, ids[:PAGE]), len(keys), ids[PAGE - 1] if len(ids) > PAGE else ""


def every_place(connection: Connection, sees: ColumnElement[bool], filters: Filters) -> list[PlaceRecord]:
    """Return all places of the filters, in the same order."""
    wanted = {place_id: key for key, place_id in _keys(connection, sees, filters)}
    found = [one for one in registry.all_places(connection, sees) if one.place_id in wanted]
    return sorted(found, key=lambda one: (wanted[one.place_id], one.place_id))


def gates_of(connection: Connection, place_id: str, now_ms: int) -> list[GateAt]:
    """Return the gates that are to guard a place, by name."""
    query = (
        select(
            gates.c.device_id,
            gates.c.name,
            gates.c.added_ms,
            gates.c.contact_ms,
            gates.c.revocation.is_not(None).label("revoked"),
            gate_state.c.heard_ms,
            gate_state.c.troubles,
            gate_state.c.waiting,
        )
        .join(gate_assignments, gate_assignments.c.device_id == gates.c.device_id)
        .outerjoin(gate_state, gate_state.c.device_id == gates.c.device_id)
        .where(gate_assignments.c.place_id == place_id)
        .limit(MOST_GATES)
    )
    found = [_gate(row, now_ms) for row in connection.execute(query).mappings()]
    return sorted(found, key=lambda gate: (sort_text(gate.name), gate.device_id))


def _key_of(connection: Connection, place_id: str) -> _Key | None:
    query = select(registered_places.c.name).where(registered_places.c.place_id == place_id)
    name = connection.execute(query).scalar()
    return None if name is None else (sort_text(name), place_id)


def _keys(connection: Connection, sees: ColumnElement[bool], filters: Filters) -> Iterator[_Key]:
    table = registered_places
    in_use = table.c.archived_ms.is_(None)
    conditions = [sees, ~in_use if filters.archived else in_use]
    if filters.kind:
        conditions.append(table.c.kind == filters.kind)
    columns = (table.c.place_id, table.c.name, table.c.code, table.c.province, table.c.commune)
    text, province, commune = map(plain_text, (filters.text, filters.province, filters.commune))
    for place_id, name, code, its_province, its_commune in connection.execute(
        select(*columns).where(and_(*conditions))
    ):
        if province and province not in plain_text(its_province):
            continue
        if commune and commune not in plain_text(its_commune):
            continue
        if text and text not in plain_text(name) and text != plain_text(code or ""):
            continue
        yield sort_text(name), place_id


def _listed(connection: Connection, ids: Sequence[str]) -> list[Listed]:
    records = {one.place_id: one for one in registry.all_places(connection, registered_places.c.place_id.in_(ids))}
    guards = _counts(connection, gate_assignments.c.place_id, gate_assignments.c.place_id.in_(ids))
    hanging = posters.c.place_id.in_(ids) & posters.c.replaced_ms.is_(None)
    entrances = _counts(connection, posters.c.place_id, hanging)
    return [Listed(records[one], guards.get(one, 0), entrances.get(one, 0)) for one in ids if one in records]


def _counts(connection: Connection, column: ColumnElement[str], which: ColumnElement[bool]) -> dict[str, int]:
    query = select(column, func.count()).where(which).group_by(column)
    return {place_id: int(count) for place_id, count in connection.execute(query)}


def _gate(row: RowMapping, now_ms: int) -> GateAt:
    reported_ms = row["heard_ms"]
    heard = reported_ms is not None or row["contact_ms"] > row["added_ms"]
    heard_ms = max(row["contact_ms"], reported_ms or 0) if heard else None
    return GateAt(row["device_id"], row["name"], _state(row, heard_ms, now_ms), heard_ms, row["waiting"])


def _state(row: RowMapping, heard_ms: int | None, now_ms: int) -> str:
    if row["revoked"]:
        return "revoked"
    if heard_ms is None:
        return "never"
    silent_s = SILENT_WITHOUT_REPORTS_S if row["heard_ms"] is None else SILENT_S
    if now_ms - heard_ms > silent_s * 1000:
        return "silent"
    return "trouble" if row["troubles"] else "well"
