"""Where what is sealed lies: one process at a time with the keys, partitions, and the end of a day."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Final

from sqlalchemy import text

from device.clock import utc_day
from device.hub.db import partitions
from device.hub.db.erasure import CHUNK, erase_some
from device.hub.db.opened import OpenedDatabase
from device.hub.db.retention import live_days
from device.hub.db.rows import day_number

_KEYS_LOCK: Final = 0x6761_7465_0004
_BE_ALONE: Final = text(f"SELECT pg_advisory_lock({_KEYS_LOCK})")
_BE_NO_LONGER: Final = text(f"SELECT pg_advisory_unlock({_KEYS_LOCK})")
log = logging.getLogger(__name__)


class SealingStorage(OpenedDatabase):
    """The database as who looks after sealing keys uses it."""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only process that makes, records or destroys keys; others wait, as long as a lock is waited for.

        Not to be taken twice by one thread.
        """
        if not self.is_partitioned:  # one host, with one hub
            yield
            return
        with self._engine.connect() as connection:
            connection.execute(_BE_ALONE)
            connection.commit()  # the lock is the connection's
            try:
                yield
            finally:
                connection.execute(_BE_NO_LONGER)

    def make_partitions(self, sealing_days: Iterable[date] = ()) -> None:
        """Make the partitions of the days to come, of all keys that live, and of these days (PostgreSQL)."""
        if self.is_partitioned:
            with self._engine.connect() as connection:
                sealing_days = [*sealing_days, *live_days(connection)]
            today = utc_day(self.now_ms())
            months = partitions.months_from(today, today + timedelta(days=partitions.AHEAD_DAYS))
            made = partitions.make_partitions(self._engine, months, map(day_number, sealing_days))
            if made:
                log.info("event=partitions-made count=%d first=%s last=%s", len(made), made[0], made[-1])

    def make_partitions_for(self, arrivals: Sequence[date], sealing_days: Iterable[int]) -> None:
        """Make those of rows that came between the first and the last of some days, and of these sealing days."""
        months = partitions.months_from(arrivals[0], arrivals[-1]) if arrivals else []
        partitions.make_partitions(self._engine, months, sealing_days)

    def days_ahead(self) -> int | None:
        """Return for how many days there are partitions; ``None`` where none are needed."""
        if not self.is_partitioned:
            return None
        with self._engine.connect() as connection:
            return partitions.days_ahead(connection, utc_day(self.now_ms()))

    def vacuum_past_days(self) -> None:
        """Make ready what is sealed to the keys of past days to be counted quickly when it goes (PostgreSQL)."""
        if self.is_partitioned:
            partitions.vacuum_past(self._engine, day_number(utc_day(self.now_ms())))

    def erase_day(self, day: date) -> None:
        """Erase all that is sealed to the key of a day, in short pieces; nothing happens when it is gone."""
        if self.is_partitioned:
            partitions.drop_day(self._engine, day_number(day))
            return
        erased = CHUNK
        while erased == CHUNK:
            with self.begin() as connection:
                erased = erase_some(connection, day_number(day))
