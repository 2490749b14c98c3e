"""Alarms about people lists that a gate fetched out of turn (`device.hub.list_fetches`)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import and_, insert, select

from device.hub.db.database import HubDatabase
from device.hub.db.tables import alarms, ledgers
from device.wire.bundle import BundleKind

OUT_OF_TURN: Final = "-fetched-out-of-turn"
"""After the kind of the list, in an alarm's kind; its row is the list's version."""


def raise_list_alarm(store: HubDatabase, device_id: str, kind: BundleKind, version: int) -> None:
    """Keep an alarm beside a gate's newest ledger, once a version; a gate without any has it in the log alone."""
    with store.begin() as connection:
        newest = select(ledgers.c.ledger_id).where(ledgers.c.device_id == device_id)
        ledger_id = connection.execute(newest.order_by(ledgers.c.ledger_id.desc()).limit(1)).scalar()
        if ledger_id is None:
            return
        raised = {"ledger_id": ledger_id, "kind": f"{kind}{OUT_OF_TURN}", "seq": version}
        same = and_(*(alarms.c[name] == value for name, value in raised.items()))
        if connection.execute(select(alarms.c.alarm_id).where(same)).first() is None:
            connection.execute(insert(alarms).values(**raised, raised_ms=store.now_ms()))
