"""How a process of a hub stands: whether it is ready to take what gates send, and what can be counted now."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from device.clock import Clock, utc_day
from device.errors import ConfigurationError
from device.hub.alerts.ledger import open_counts
from device.hub.alerts.waiting import waiting_count
from device.hub.db.database import HubDatabase
from device.hub.db.tables import alarms
from device.hub.folder import HubFolder
from device.hub.maintenance import Maintenance

READY: Final = ""
_EVERY_S: Final = 60.0
"""How often what costs the database something is counted anew."""
_PAGE: Final = resource.getpagesize()
_SILENT_S: Final = 30.0
Gauge = tuple[str, str, float]


class Standing:
    """How a process stands. Asked on one thread; `beat` on any.

    Args:
        folder: of the hub.
        store: its database.
        connections: counts those that are open.
        maintenance: of this process; ``None``: another one's.
        clock: for ages.
    """

    def __init__(
        self,
        folder: HubFolder,
        store: HubDatabase,
        connections: Callable[[], int],
        maintenance: Maintenance | None,
        clock: Clock,
    ) -> None:
        self._folder = folder
        self._store = store
        self._connections = connections
        self._maintenance = maintenance
        self._clock = clock
        self._beat_s = clock.monotonic_s()
        self._alarms: tuple[float, list[tuple[str, int]]] | None = None
        self._key_days: tuple[float, int] | None = None
        self._partition_days: tuple[float, int | None] | None = None
        self._alerts: tuple[float, list[tuple[str, int]], int] | None = None
        self._schema_s: float | None = None

    def beat(self) -> None:
        """Note that the server's loop turns."""
        self._beat_s = self._clock.monotonic_s()

    @property
    def is_alive(self) -> bool:
        """Whether it has turned lately."""
        return self._clock.monotonic_s() - self._beat_s < _SILENT_S

    def reason(self) -> str:
        """Return why nothing can be taken now, in a word; `READY`: it can."""
        if not self.is_alive:
            return "hangs"
        try:
            if self._store.is_read_only():
                return "read-only"
            self._store.check()
            self._look_at_schema()
        except SQLAlchemyError:
            return "database"
        except ConfigurationError:
            return "schema"
        return "keys" if self._key_days_ahead() < 0 else READY

    def gauges(self) -> Iterator[Gauge]:
        """Yield what is so now: name, meaning, value."""
        yield "ready", "1 while it can take what gates send.", float(self.reason() == READY)
        yield "workers", "Processes that serve.", 1
        yield "open_connections", "Connections that are open.", self._connections()
        yield "resident_bytes", "Memory of the process; of several, of the largest.", _resident_bytes()
        yield "sealing_key_days_ahead", "Days after today for which there are sealing keys.", self._key_days_ahead()
        if (days := self._partition_days_ahead()) is not None:
            yield "partition_days_ahead", "Days after today for which PostgreSQL has partitions.", days
        yield "clock_doubted", "1 while the hub's clock is in doubt.", float(self._store.clock.now().off_ms is not None)
        yield "writers_waiting", "Threads that wait to write to the database.", self._store.writers.waiting
        yield (
            "longest_write_wait_seconds",
            "The longest that one of them has waited.",
            self._store.writers.longest_wait_ms / 1000,
        )
        done_s = None if self._maintenance is None else self._maintenance.done_s
        if done_s is not None:
            age_s = self._clock.monotonic_s() - done_s
            yield "maintenance_age_seconds", "Since keys were last looked after without a failure.", age_s

    def counts(self) -> Iterator[Gauge]:
        """Yield what has only grown since the process began: name, meaning, value."""
        yield "writes", "Transactions that write.", self._store.writers.taken

    def alarms(self) -> list[tuple[str, int]]:
        """Return how many alarms there are of each kind; as it was when the database last answered."""
        now_s = self._clock.monotonic_s()
        if self._alarms is None or now_s - self._alarms[0] >= _EVERY_S:
            with suppress(SQLAlchemyError), self._store.reading() as connection:
                found = connection.execute(select(alarms.c.kind, func.count()).group_by(alarms.c.kind)).all()
                self._alarms = now_s, sorted((kind, count) for kind, count in found)
        return [] if self._alarms is None else self._alarms[1]

    def alerts(self) -> tuple[list[tuple[str, int]], int]:
        """Return how much is wrong by each rule, and how many messages wait; as when the database last answered."""
        now_s = self._clock.monotonic_s()
        if self._alerts is None or now_s - self._alerts[0] >= _EVERY_S:
            with suppress(SQLAlchemyError), self._store.reading() as connection:
                self._alerts = now_s, open_counts(connection), waiting_count(connection)
        return ([], 0) if self._alerts is None else self._alerts[1:]

    def _look_at_schema(self) -> None:
        """Look now and then whether somebody has migrated the database; raises `ConfigurationError`."""
        now_s = self._clock.monotonic_s()
        if self._schema_s is None or now_s - self._schema_s >= _EVERY_S:
            self._schema_s = None
            self._store.must_be_current(self._folder.path)
            self._schema_s = now_s

    def _partition_days_ahead(self) -> int | None:
        """Return for how many days there are partitions, as it was when the database last answered."""
        now_s = self._clock.monotonic_s()
        if self._partition_days is None or now_s - self._partition_days[0] >= _EVERY_S:
            with suppress(SQLAlchemyError):
                self._partition_days = now_s, self._store.days_ahead()
        return None if self._partition_days is None else self._partition_days[1]

    def _key_days_ahead(self) -> int:
        """Return for how many days after today there are keys; -1: not even for today."""
        now_s = self._clock.monotonic_s()
        if self._key_days is None or now_s - self._key_days[0] >= _EVERY_S or self._key_days[1] < 0:
            self._key_days = now_s, key_days_ahead(self._folder, self._clock.reading().wall_ms)
        return self._key_days[1]


def key_days_ahead(folder: HubFolder, now_ms: int) -> int:
    """Return for how many days after the one of a time, Unix ms, a hub has sealing keys; -1: not even for that one."""
    today = utc_day(now_ms)
    with suppress(ConfigurationError):
        last = folder.sealing_keys()[-1].day
        return -1 if last is None else max(-1, (last - today).days)
    return -1


def _resident_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no file of ours
        return int(file.read().split()[1]) * _PAGE
