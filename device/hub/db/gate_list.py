"""The gates as the desk lists them: page by page, what needs somebody first, filtered; and one of them whole.

A few statements a page, none of which looks at a check-in; which gates somebody sees is a condition that the caller
gives (`device.hub.accounts.reach.sees_gate`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import JSON, ColumnElement, Connection, Select, String, and_, case, cast, func, literal, or_, select

from device.errors import WireError
from device.hub.db.gate_state import STANDING, Standing, day_of, gate_state, said_state, standing_of, state_column
from device.hub.db.gate_tables import gate_groups
from device.hub.db.registry_tables import gate_assignments, registered_places
from device.hub.db.tables import gates, places
from device.hub.registry.vietnamese_order import plain_text
from device.wire.bundle import BundleKind
from device.wire.places import place_from
from device.wire.state_records import GateState

STATE_ORDER: Final = ("silent", "trouble", "never", "well", "revoked")
"""What needs somebody comes first."""
PAGE: Final = 50
MOST_GROUPS: Final = 200
"""Names of groups that are suggested."""
_JOINED: Final = (
    gates.outerjoin(gate_state, gate_state.c.device_id == gates.c.device_id)
    .outerjoin(gate_groups, gate_groups.c.device_id == gates.c.device_id)
    .outerjoin(gate_assignments, gate_assignments.c.device_id == gates.c.device_id)
    .outerjoin(registered_places, registered_places.c.place_id == gate_assignments.c.place_id)
)
_EARLIER: Final = gates.alias("earlier")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which gates are listed; what is empty asks for nothing.

    Attributes:
        state: one of `STATE_ORDER`.
        place: id of the registered place that the gate is to guard.
        group: of the gate.
        behind: a kind that the gate takes, and of which it does not have version `version`.
        version: of that kind, which is published for all gates.
        but: device ids of gates that have a list of that kind of their own.
    """

    state: str = ""
    place: str = ""
    group: str = ""
    behind: BundleKind | None = None
    version: int = 0
    but: tuple[str, ...] = ()


class Listed(NamedTuple):
    """A gate of the list.

    Attributes:
        standing: how it stands.
        state: one of `STATE_ORDER`.
        group: it is in; empty: in none.
        place_id: of the registered place it is to guard; empty: none.
        place: name of that, else of the place that it named itself; empty: it has named none.
        reported: what it last said of itself; ``None``: nothing, or nothing that can be read here.
    """

    standing: Standing
    state: str
    group: str
    place_id: str
    place: str
    reported: GateState | None


class Cursor(NamedTuple):
    """Behind which gate a page begins."""

    rank: int
    device_id: str


def page_of(
    connection: Connection,
    sees: ColumnElement[bool],
    now_ms: int,
    filters: Filters = Filters(),
    after: Cursor | None = None,
) -> tuple[list[Listed], Cursor | None]:
    """Return `PAGE` gates after *after*, what needs somebody first, then by name; and where the next page begins."""
    state = state_column(now_ms)
    rank = case({word: number for number, word in enumerate(STATE_ORDER)}, value=state)
    query = _whole(state).where(sees, *_conditions(filters, state)).order_by(rank, gates.c.name, gates.c.device_id)
    if after is not None:
        name = select(_EARLIER.c.name).where(_EARLIER.c.device_id == after.device_id).scalar_subquery()
        behind = or_(gates.c.name > name, and_(gates.c.name == name, gates.c.device_id > after.device_id))
        query = query.where(or_(rank > after.rank, and_(rank == after.rank, behind)))
    found = _listed(connection, query.limit(PAGE + 1), now_ms)
    if len(found) <= PAGE:
        return found, None
    last = found[PAGE - 1]
    return found[:PAGE], Cursor(STATE_ORDER.index(last.state), last.standing.device_id)


def one_gate(connection: Connection, sees: ColumnElement[bool], now_ms: int, device_id: str) -> Listed | None:
    """Return one gate; ``None`` when there is none, or whoever asks does not see it."""
    query = _whole(state_column(now_ms)).where(sees, gates.c.device_id == device_id)
    return next(iter(_listed(connection, query, now_ms)), None)


def counts_by_state(connection: Connection, sees: ColumnElement[bool], now_ms: int, filters: Filters) -> dict[str, int]:
    """Return how many gates there are in each of `STATE_ORDER`, of those that the other filters let through."""
    state = state_column(now_ms)
    seen = select(state.label("state")).select_from(_JOINED)
    inner = seen.where(sees, *_conditions(filters, None)).subquery()
    query = select(inner.c.state, func.count()).group_by(inner.c.state)
    found = {word: int(count) for word, count in connection.execute(query)}
    return {word: found.get(word, 0) for word in STATE_ORDER}


def groups_of(connection: Connection, sees: ColumnElement[bool]) -> list[str]:
    """Return the names of groups with a gate that is seen, the first `MOST_GROUPS`."""
    query = (
        select(gate_groups.c.name)
        .distinct()
        .join(gates, gates.c.device_id == gate_groups.c.device_id)
        .where(sees)
        .order_by(gate_groups.c.name)
        .limit(MOST_GROUPS)
    )
    return list(connection.execute(query).scalars())


def holding(connection: Connection, sees: ColumnElement[bool], text: str) -> ColumnElement[bool]:
    """Return the condition under which a gate's name, device id or place has *text* in it, in whatever case and marks.

    Neither database folds so: the names of all gates that are seen are one statement, looked at here.
    """
    looked_for = plain_text(text)
    query = select(gates.c.device_id, gates.c.name, registered_places.c.name).select_from(_JOINED).where(sees)
    found = [
        device_id
        for device_id, name, place in connection.execute(query)
        if looked_for in plain_text(name) or looked_for in device_id or looked_for in plain_text(place or "")
    ]
    # One value, however many there are: ten thousand of them would take longer than all the rest of a page.
    text_of_all = literal(json.dumps(found), String)
    if connection.dialect.name == "postgresql":
        each = func.json_array_elements_text(cast(text_of_all, JSON)).table_valued("value")
    else:
        each = func.json_each(text_of_all).table_valued("value")
    return gates.c.device_id.in_(select(each.c.value))


def takes(kind: BundleKind) -> ColumnElement[bool]:
    """Return the condition under which a gate says that it takes a kind of bundle."""
    return gate_state.c.document.contains(f'"kind":"{kind}",', autoescape=True)


def has_version(kind: BundleKind, version: int) -> ColumnElement[bool]:
    """Return the condition under which a gate says that it has a version.

    It is looked for in the text of what is kept: no name in there can hold it, since a quote within one is escaped.
    """
    return gate_state.c.document.contains(f'"kind":"{kind}","version":{version},', autoescape=True)


def _whole(state: ColumnElement[str]) -> Select[Any]:
    """Return the statement that `_listed` reads."""
    return select(
        *STANDING,
        state.label("state"),
        func.coalesce(gate_groups.c.name, "").label("group_name"),
        func.coalesce(gate_assignments.c.place_id, "").label("place_id"),
        func.coalesce(registered_places.c.name, "").label("place_name"),
        gate_state.c.document,
    ).select_from(_JOINED)


def _conditions(filters: Filters, state: ColumnElement[str] | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.state and state is not None:
        found.append(state == filters.state)
    if filters.place:
        found.append(gate_assignments.c.place_id == filters.place)
    if filters.group:
        found.append(gate_groups.c.name == filters.group)
    if filters.behind is not None:
        found += [
            gates.c.revocation.is_(None),
            takes(filters.behind),
            ~has_version(filters.behind, filters.version),
            gates.c.device_id.not_in(filters.but),
        ]
    return found


def _listed(connection: Connection, query: Select[Any], now_ms: int) -> list[Listed]:
    today, width = day_of(now_ms), len(STANDING)
    rows = connection.execute(query).all()
    unassigned = [row.device_id for row in rows if not row.place_id]
    named = _named_themselves(connection, unassigned) if unassigned else {}
    return [
        Listed(
            standing_of(row[:width], today),
            row.state,
            row.group_name,
            row.place_id,
            row.place_name or named.get(row.device_id, ""),
            said_state(row.document),
        )
        for row in rows
    ]


def _named_themselves(connection: Connection, device_ids: Sequence[str]) -> dict[str, str]:
    """Return the name of a place that each of these gates gave itself, where it did."""
    query = select(places.c.device_id, places.c.document).where(places.c.device_id.in_(device_ids))
    found: dict[str, str] = {}
    for device_id, document in connection.execute(query.order_by(places.c.place_id)):
        try:
            found.setdefault(device_id, place_from(document).name)
        except WireError:
            continue
    return found
