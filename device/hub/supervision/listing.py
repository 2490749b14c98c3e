"""Places as supervision lists them: never scanned, then stopped, then falling; counted, page by page, and whole.

Read from `place_standings`, in which a place that was just registered is missing for some seconds: nobody was ever
scanned there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, select, tuple_

from device.hub.db.registry_tables import registered_places
from device.hub.db.supervision_tables import place_standings
from device.hub.registry.vietnamese_order import order_key
from device.hub.supervision.standing import PlaceStanding

PAGE: Final = 50
_place, _kept = registered_places, place_standings
_standing = func.coalesce(_kept.c.standing, int(PlaceStanding.NEVER))
_last_hour = func.coalesce(_kept.c.last_hour, 0)
_FIGURES: Final = ("hours_part", "hours_whole", "usual_part", "usual_whole", "through_part", "through_whole")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which places are listed; what is empty asks for nothing.

    Attributes:
        standing: how they stand; ``None``: all but those that are well.
        province: the whole of it, as it is registered.
        commune: the same.
        kind: a word of `PlaceKind`.
        every: also those that are well, where no standing is named.
    """

    standing: PlaceStanding | None = None
    province: str = ""
    commune: str = ""
    kind: str = ""
    every: bool = False


class Line(NamedTuple):
    """A place of the list; figures in percent, ``None`` where one is not known.

    Attributes:
        place_id: of the place.
        name: what people call it.
        kind: a word of `PlaceKind`.
        province: where.
        commune: where.
        standing: how it stands.
        last_hour: the last hour in which somebody was scanned, since 1970; ``None``: nobody ever was.
        week: scans in seven days.
        gates: that guard it.
        hours: opening hours with a scan, of opening hours.
        usual: the last full hour, of what is usual.
        through: who was answered, of who passed.
    """

    place_id: str
    name: str
    kind: str
    province: str
    commune: str
    standing: PlaceStanding
    last_hour: int | None
    week: int
    gates: int
    hours: int | None
    usual: int | None
    through: int | None


Cursor = tuple[int, int, str]
"""Standing, last hour and id of the last place of a page."""


def counts(connection: Connection, sees: ColumnElement[bool], wanted: Wanted) -> dict[PlaceStanding, int]:
    """Return how many places of the filters stand how; the standing that is asked for does not matter."""
    columns: list[Any] = [_standing, func.count()]
    query = select(*columns).where(*_where(sees, wanted)).group_by(_standing)
    found = {PlaceStanding(row[0]): int(row[1]) for row in connection.execute(_joined(query))}
    return {standing: found.get(standing, 0) for standing in PlaceStanding}


def page_of(
    connection: Connection, sees: ColumnElement[bool], wanted: Wanted, after: Cursor | None = None, most: int = PAGE
) -> tuple[list[Line], Cursor | None]:
    """Return a page of places, and behind which the next page begins; ``None``: there is none.

    Args:
        connection: to the database.
        sees: of which places, a condition on ``registered_places.place_id``.
        wanted: what is asked for.
        after: from the page before.
        most: places a page.
    """
    query = _lines(sees, wanted)
    if after is not None:
        query = query.where(tuple_(_standing, _last_hour, _place.c.place_id) > tuple_(*map(literal, after)))
    lines = [_line(row) for row in connection.execute(query.limit(most + 1))]
    if len(lines) <= most:
        return lines, None
    last = lines[most - 1]
    return lines[:most], (int(last.standing), last.last_hour or 0, last.place_id)


def every_line(connection: Connection, sees: ColumnElement[bool], wanted: Wanted) -> Iterator[Line]:
    """Yield all places of the filters, in the order of the list."""
    for row in connection.execute(_lines(sees, wanted)):
        yield _line(row)


def provinces(connection: Connection, sees: ColumnElement[bool]) -> list[str]:
    """Return the provinces and cities with a place, in Vietnamese order."""
    query = select(_place.c.province).where(sees, _place.c.archived_ms.is_(None)).distinct()
    return sorted(connection.execute(query).scalars(), key=order_key)


def communes(connection: Connection, sees: ColumnElement[bool], province: str) -> list[str]:
    """Return the communes of a province with a place, in Vietnamese order."""
    query = select(_place.c.commune).where(
        sees, _place.c.archived_ms.is_(None), _place.c.province == province, _place.c.commune != ""
    )
    return sorted(connection.execute(query.distinct()).scalars(), key=order_key)


def percent(part: int, whole: int | None) -> int | None:
    """Return a figure in percent; ``None``: it is not known."""
    return None if not whole else round(100 * part / whole)


def _joined(query: Select[Any]) -> Select[Any]:
    return query.select_from(_place).outerjoin(_kept, _kept.c.place_id == _place.c.place_id)


def _where(sees: ColumnElement[bool], wanted: Wanted) -> list[ColumnElement[bool]]:
    asked = [(name, getattr(wanted, name)) for name in ("province", "commune", "kind")]
    return [and_(sees, _place.c.archived_ms.is_(None)), *(_place.c[name] == value for name, value in asked if value)]


def _lines(sees: ColumnElement[bool], wanted: Wanted) -> Select[Any]:
    names = [_place.c[name] for name in ("place_id", "name", "kind", "province", "commune")]
    kept = [_kept.c[name] for name in ("week", "gates", *_FIGURES)]
    query = _joined(select(*names, _standing.label("standing"), _last_hour.label("last_hour"), *kept))
    query = query.where(*_where(sees, wanted))
    if wanted.standing is not None:
        query = query.where(_standing == int(wanted.standing))
    elif not wanted.every:
        query = query.where(_standing < int(PlaceStanding.WELL))
    return query.order_by(_standing, _last_hour, _place.c.place_id)


def _line(row: Any) -> Line:  # noqa: ANN401 - a row of `_lines`
    hours, usual, through = (
        percent(getattr(row, f"{name}_part") or 0, getattr(row, f"{name}_whole"))
        for name in ("hours", "usual", "through")
    )
    return Line(
        row.place_id,
        row.name,
        row.kind,
        row.province,
        row.commune,
        PlaceStanding(row.standing),
        row.last_hour or None,
        row.week or 0,
        row.gates or 0,
        hours,
        usual,
        through,
    )
