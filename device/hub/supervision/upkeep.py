"""Keeping `place_standings`: of places whose gates were heard, or whose time has moved on, some every few seconds.

What the first page lists of 10,000 places is so read in one look. A place whose gate was just heard is worked out anew
at once, all of them within the hour. Two desks may do it at the same time: the same comes out.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, Text, func, literal, or_, select, text
from sqlalchemy.exc import SQLAlchemyError

from device.clock import Clock
from device.errors import ConfigurationError
from device.hub.db.database import HubDatabase
from device.hub.db.gate_state import gate_state
from device.hub.db.registry_tables import gate_assignments, registered_places
from device.hub.db.supervision_tables import place_standings
from device.hub.db.tables import ledgers
from device.hub.registry.opening_times import open_hours
from device.hub.supervision import guards, sums
from device.hub.supervision.coverage import WEEK, WEEKS, Coverage, Sums, coverage_of
from device.hub.supervision.standing import standing_of
from device.hub.supervision.sums import Weeks
from device.model import HOUR_MS

EVERY_S: Final = 5.0
MOST_AT_ONCE: Final = 200
"""Places that are worked out every `EVERY_S`: all of 10,000 take four minutes."""
_COLUMNS: Final = tuple(column.name for column in place_standings.columns)
_KEEP: Final = text(
    f"INSERT INTO place_standings ({', '.join(_COLUMNS)}) "  # noqa: S608 - nothing from outside
    f"VALUES ({', '.join(f':{name}' for name in _COLUMNS)}) ON CONFLICT (place_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
)
_NO_WEEKS: Final = Weeks(0, (0,) * (WEEKS + 1))
log = logging.getLogger(__name__)


def refresh(store: HubDatabase, most: int = MOST_AT_ONCE) -> int:
    """Work out how some places stand, those first that waited longest; return how many, at most *most*."""
    with store.reading() as connection:
        named = guards.unread(connection)
    if named:
        with store.begin() as connection:
            guards.keep_read(connection, named)
    now_ms = store.now_ms()
    with store.reading() as connection:
        rows = _worked_out(connection, now_ms, most)
    if rows:
        with store.begin() as connection:
            connection.execute(_KEEP, rows)
    return len(rows)


def _worked_out(connection: Connection, now_ms: int, most: int) -> list[dict[str, Any]]:
    now_hour = now_ms // HOUR_MS
    due = connection.execute(_due(now_hour).limit(most)).all()
    ids = [row.place_id for row in due]
    if not ids:
        return []
    recent, weeks = sums.recent_sums(connection, ids, now_hour), sums.week_sums(connection, ids, now_hour)
    new = [row.place_id for row in due if row.last_hour is None and row.place_id not in weeks]
    long_ago = sums.last_hours(connection, new) if new else {}
    return [
        _row(
            row,
            recent.get(row.place_id, {}),
            weeks.get(row.place_id, _NO_WEEKS),
            long_ago.get(row.place_id, 0),
            now_ms,
        )
        for row in due
    ]


def _row(place: Any, recent: dict[int, Sums], weeks: Weeks, long_ago: int, now_ms: int) -> dict[str, Any]:  # noqa: ANN401 - a row of `_due`
    now_hour = now_ms // HOUR_MS
    opening = open_hours(place.opening_hours, place.time_zone, now_hour - WEEK, now_hour + 1)
    has_hours = bool(place.opening_hours)
    last_hour = max(weeks.last_hour, place.last_hour or 0, long_ago)
    standing = standing_of(last_hour or None, sorted(opening) if has_hours else None, weeks.scans, now_hour)
    figures = coverage_of(recent, opening, now_hour, has_hours=has_hours)
    return {
        "place_id": place.place_id,
        "standing": int(standing),
        "last_hour": last_hour,
        "week": weeks.scans[0],
        **_figures(figures),
        "gates": place.gates,
        "opening": place.opening,
        "seen_hour": now_hour,
        "seen_ms": now_ms,
    }


def _figures(coverage: Coverage) -> dict[str, int | None]:
    told: dict[str, int | None] = {}
    for name in ("hours", "usual", "through"):
        figure = getattr(coverage, name)
        told |= {f"{name}_part": figure.part, f"{name}_whole": figure.whole}
    return told


def _due(now_hour: int) -> Select[Any]:
    """Return the query for places that are to be worked out, those first that waited longest."""
    g, kept, place = guards.guards(), place_standings, registered_places
    heard = (
        select(
            g.c.place_id,
            func.count(g.c.device_id.distinct()).label("gates"),
            func.max(ledgers.c.heard_ms).label("recorded_ms"),
            func.max(gate_state.c.heard_ms).label("reported_ms"),
            func.max(gate_assignments.c.since_ms).label("since_ms"),
        )
        .select_from(g)
        .outerjoin(ledgers, ledgers.c.device_id == g.c.device_id)
        .outerjoin(gate_state, gate_state.c.device_id == g.c.device_id)
        .outerjoin(gate_assignments, gate_assignments.c.device_id == g.c.device_id)
        .group_by(g.c.place_id)
        .subquery("heard")
    )
    opening = (place.c.opening_hours + literal(" ", Text) + place.c.time_zone).label("opening")
    gates = func.coalesce(heard.c.gates, 0).label("gates")
    return (
        select(place.c.place_id, place.c.opening_hours, place.c.time_zone, opening, gates, kept.c.last_hour)
        .outerjoin(kept, kept.c.place_id == place.c.place_id)
        .outerjoin(heard, heard.c.place_id == place.c.place_id)
        .where(
            place.c.archived_ms.is_(None),
            or_(
                kept.c.place_id.is_(None),
                kept.c.seen_hour != now_hour,
                kept.c.opening != opening,
                kept.c.gates != gates,
                heard.c.recorded_ms >= kept.c.seen_ms,
                heard.c.reported_ms >= kept.c.seen_ms,
                heard.c.since_ms >= kept.c.seen_ms,
            ),
        )
        .order_by(func.coalesce(kept.c.seen_ms, 0), place.c.place_id)
    )


class SupervisionUpkeep:
    """Keeps what supervision reads; `device.threads.ServiceThread` runs it.

    Args:
        store: the database; closed by the caller when `run` has ended.
        also: what is done after it each time, as the daily export.
        clock: for the pauses.
    """

    def __init__(self, store: HubDatabase, also: Sequence[Callable[[], None]], clock: Clock) -> None:
        self._store = store
        self._works: tuple[Callable[[], object], ...] = (lambda: refresh(store), *also)
        self._clock = clock
        self._stop = threading.Event()
        self._last_reason = ""

    def run(self) -> None:
        """Do what is due, at once and then every few seconds, until closed; what it raises is a defect."""
        while True:
            self.run_once()
            if self._clock.wait(self._stop, EVERY_S):
                return

    def close(self) -> None:
        """Let `run` end soon. Any thread."""
        self._stop.set()

    def run_once(self) -> None:
        """Do what is due now; what is foreseen to go wrong is logged once, until it goes well again."""
        reason = ""
        for work in self._works:
            try:
                work()
            except (ConfigurationError, OSError, SQLAlchemyError) as error:
                # Not a database error's text: it holds the statement's parameters.
                reason = type(error).__name__ if isinstance(error, SQLAlchemyError) else str(error)
        if reason and reason != self._last_reason:
            log.error("event=supervision-failed reason=%r", reason)
        self._last_reason = reason
