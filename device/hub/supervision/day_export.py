"""The daily export: each day's coverage by place as one CSV in a folder, written whole, and once by all desks together.

It is due at a time of this machine's clocks, for the day before; days that were missed while the hub stood still are
made up for, a week of them at most. Nothing about a person stands in it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from device.clock import Clock
from device.durable import replace_file, why_not
from device.hub.db import registry
from device.hub.db.database import HubDatabase
from device.hub.db.registry import PlaceRecord
from device.hub.db.registry_tables import registered_places
from device.hub.db.supervision_tables import day_exports
from device.hub.registry.opening_times import day_hours, open_hours
from device.hub.registry.safe_tables import csv_bytes
from device.hub.supervision.place_view import Day, days_of
from device.hub.supervision.sums import hour_sums

COLUMNS: Final = (
    "day",
    "id",
    "name",
    "kind",
    "province",
    "commune",
    "scans",
    "opening_hours",
    "opening_hours_scanned",
    "answered",
    "passed",
)
MOST_DAYS: Final = 7
AGAIN_S: Final = 300.0
"""After a folder could not be written it is left alone for so long."""
_AT_ONCE: Final = 500
_READABLE: Final = 0o644
log = logging.getLogger(__name__)


def file_of(folder: Path, day: date) -> Path:
    """Return where a day's coverage is written."""
    return folder / f"coverage-{day}.csv"


def due_days(connection: Connection, minute: int, now_ms: int) -> list[date]:
    """Return the days that are to be written, the oldest first.

    Args:
        connection: to the database.
        minute: of the day from which the day before is due, by this machine's clocks.
        now_ms: Unix milliseconds.
    """
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone()
    last = now.date() - timedelta(days=1 if now.hour * 60 + now.minute >= minute else 2)
    newest = connection.execute(select(func.max(day_exports.c.day))).scalar()
    if newest is None:
        return [last]
    missing = (last - date.fromisoformat(newest)).days
    return [last - timedelta(days=back) for back in reversed(range(min(missing, MOST_DAYS)))]


def late_day(connection: Connection, minute: int, now_ms: int) -> date | None:
    """Return the oldest day that should have been written an hour ago and is not; ``None``: there is none."""
    due = due_days(connection, min(minute + 60, 24 * 60 - 1), now_ms)
    return due[0] if due else None


def coverage_of_day(connection: Connection, day: date) -> Iterator[list[str]]:
    """Yield the cells of each place in use, by id; what is not known is blank."""
    places = sorted(registry.all_places(connection, registered_places.c.archived_ms.is_(None)), key=_id)
    for start in range(0, len(places), _AT_ONCE):
        yield from _rows(connection, places[start : start + _AT_ONCE], day)


def _id(record: PlaceRecord) -> str:
    return record.place_id


def _rows(connection: Connection, records: Sequence[PlaceRecord], day: date) -> Iterator[list[str]]:
    hours = [day_hours(record.place.time_zone, day) for record in records]
    first, following = min(begin for begin, _ in hours), max(end for _, end in hours)
    found = hour_sums(connection, [record.place_id for record in records], first, following)
    for record, (begin, end) in zip(records, hours, strict=True):
        place = record.place
        opening = open_hours(place.opening_hours, place.time_zone, begin, end) if place.opening_hours else None
        told = days_of(place.time_zone, found.get(record.place_id, {}), opening, day, 1)[0]
        yield [str(day), record.place_id, place.name, place.kind, place.province, place.commune, *_cells(told)]


def _cells(day: Day) -> list[str]:
    opening = ["", ""] if day.opening is None else [str(day.opening), str(day.scanned)]
    passed = [str(day.decided), str(day.passed)] if day.passed else ["", ""]
    return [str(day.scans), *opening, *passed]


class DayExport:
    """Writes what is due, each time that it is called; for one thread.

    Args:
        store: the database.
        folder: where the files go; it must exist.
        minute: of the day from which the day before is due.
        clock: for the pause after a failure.
    """

    def __init__(self, store: HubDatabase, folder: Path, minute: int, clock: Clock) -> None:
        self._store = store
        self._folder = folder
        self._minute = minute
        self._clock = clock
        self._not_before_s = 0.0
        self._told = ""

    def __call__(self) -> None:
        """Write the days that are due; a folder that cannot be written is told once, and tried again later."""
        if self._clock.monotonic_s() < self._not_before_s:
            return
        with self._store.reading() as connection:
            due = due_days(connection, self._minute, self._store.now_ms())
        for day in due:
            try:
                self._write(day)
            except OSError as error:
                self._fail(day, why_not(error, self._folder))
                return
        self._told = ""

    def _write(self, day: date) -> None:
        if not self._folder.is_dir():  # before anything is added up for it
            raise FileNotFoundError(2, "No such file or directory")
        with self._store.reading() as connection:
            content = csv_bytes(COLUMNS, coverage_of_day(connection, day))
        try:
            with self._store.begin() as connection:
                # Another desk that does the same waits here, and finds it done.
                connection.execute(insert(day_exports).values(day=str(day), at_ms=self._store.now_ms()))
                replace_file(file_of(self._folder, day), content, mode=_READABLE)
        except IntegrityError:
            return
        log.info("event=coverage-exported day=%s file=%s", day, file_of(self._folder, day))

    def _fail(self, day: date, reason: str) -> None:
        self._not_before_s = self._clock.monotonic_s() + AGAIN_S
        if reason != self._told:
            log.error("event=coverage-export-failed day=%s folder=%s reason=%r", day, self._folder, reason)
        self._told = reason
