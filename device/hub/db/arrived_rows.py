"""What arrived, as it is listed and counted, and who has read what was sealed. Safe on any thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import func, insert, select

from device.hub.db.arrivals import settled
from device.hub.db.opened import OpenedDatabase
from device.hub.db.queries import (
    Alarm,
    Arrived,
    Quarantined,
    arrived_of,
    arrived_query,
    quarantined_of,
    quarantined_query,
)
from device.hub.db.tables import alarms, checkins, destructions, ledgers, quarantine, sealing_days, unsealings
from device.hub.db.true_times import true_times

LIST_MOST: Final = 1_000


class ArrivedRows(OpenedDatabase):
    """The database as who reads what arrived uses it."""

    def count(self) -> dict[str, int]:
        """Return how many check-ins are stored, how many of these count or are expired, and how many are apart."""
        with self._engine.connect() as connection:
            sums = (func.coalesce(func.sum(ledgers.c[name]), 0) for name in ("stored", "counted", "expired"))
            stored, counted, late = map(int, connection.execute(select(*sums)).one())
            gone = select(sealing_days.c.key_id).where(sealing_days.c.gone)
            erased = select(func.coalesce(func.sum(destructions.c.stored), 0)).where(destructions.c.key_id.in_(gone))
            forgotten = connection.execute(erased).scalar_one()
            apart = connection.execute(select(func.count()).select_from(quarantine)).scalar_one()
        return {"checkins": stored, "counted": counted, "expired": late + int(forgotten), "quarantined": apart}

    def checkins(self, after: int = 0, limit: int = LIST_MOST) -> list[Arrived]:
        """Return stored rows in the order of arrival, those with a higher number than *after*."""
        query = arrived_query().where(checkins.c.arrival > after).limit(min(limit, LIST_MOST))
        with self._engine.connect() as connection:
            found = connection.execute(query.where(settled(connection, checkins.c.arrival))).all()
            times = true_times(connection, found)
        return [arrived_of(row._mapping, when) for row, when in zip(found, times, strict=True)]  # noqa: SLF001 - its public name

    def every_checkin(self) -> Iterator[Arrived]:
        """Yield all stored rows in the order of arrival, page by page."""
        after = 0
        while page := self.checkins(after):
            yield from page
            after = page[-1].arrival

    def quarantined(self, after: int = 0, limit: int = LIST_MOST) -> list[Quarantined]:
        """Return rows kept apart in the order of arrival, those with a higher number than *after*."""
        query = quarantined_query().where(quarantine.c.arrival > after).limit(min(limit, LIST_MOST))
        with self._engine.connect() as connection:
            found = connection.execute(query.where(settled(connection, quarantine.c.arrival)))
            return [quarantined_of(row._mapping) for row in found]  # noqa: SLF001 - its public name

    def every_quarantined(self) -> Iterator[Quarantined]:
        """Yield all rows kept apart in the order of arrival, page by page."""
        after = 0
        while page := self.quarantined(after):
            yield from page
            after = page[-1].arrival

    def alarms(self) -> list[Alarm]:
        """Return all alarms, the oldest first."""
        query = (
            select(ledgers.c.device_id, ledgers.c.epoch, alarms.c.kind, alarms.c.seq, alarms.c.raised_ms)
            .join(ledgers, ledgers.c.ledger_id == alarms.c.ledger_id)
            .order_by(alarms.c.alarm_id)
        )
        with self._engine.connect() as connection:
            return [Alarm(*row) for row in connection.execute(query)]

    def note_unsealing(self, who: str, reason: str, first: int, last: int) -> None:
        """Write down durably that somebody is about to read these arrivals."""
        values = {"who": who, "reason": reason, "first_arrival": first, "last_arrival": last}
        with self.begin() as connection:
            connection.execute(insert(unsealings).values(at_ms=self.now_ms(), **values))

    def unsealings(self) -> list[tuple[int, str, str, int, int]]:
        """Return (wall time, who, reason, first arrival, last arrival) of each, the oldest first."""
        columns = [unsealings.c[name] for name in ("at_ms", "who", "reason", "first_arrival", "last_arrival")]
        with self._engine.connect() as connection:
            found = connection.execute(select(*columns).order_by(unsealings.c.unsealing_id))
            return [(at_ms, who, reason, first, last) for at_ms, who, reason, first, last in found]
