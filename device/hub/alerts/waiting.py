"""Messages that wait to be told, one queue a sink, in the transaction of the caller under `alone` of the ledger.

While a sink takes nothing there are two at most: the one that is tried again and again under the same name, for it may
have arrived though the answer was lost, and one that takes in all that comes meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, and_, delete, func, insert, or_, select, update

from device.clock import DAY_MS
from device.hub.alerts.message import Message, decoded, merged
from device.hub.db.alert_tables import deliveries

FIRST_PAUSE_MS: Final = 5_000
MOST_PAUSE_MS: Final = 300_000
MOST_APART: Final = 20
"""So many may wait one by one for a sink that takes them; more are put together."""
_KEPT_MS: Final = 30 * DAY_MS


class Delivery(NamedTuple):
    """A message that is being told.

    Attributes:
        delivery_id: its number.
        made_ms: when it was made.
        tries: how often it was tried, this time included.
        message: what it tells.
    """

    delivery_id: int
    made_ms: int
    tries: int
    message: Message


class SinkStanding(NamedTuple):
    """How a sink stands.

    Attributes:
        sink: its name.
        told_ms: when something arrived there last; ``None``: nothing has within 30 days.
        waiting: how many messages wait for it.
        since_ms: since when the first of them waits; ``None``: none does.
        tries: how often that one was tried.
        error: a word for why the last try failed; empty: none has, or nothing waits.
    """

    sink: str
    told_ms: int | None
    waiting: int
    since_ms: int | None
    tries: int
    error: str


def put(connection: Connection, sinks: Iterable[str], messages: Sequence[Message], now_ms: int) -> None:
    """Let messages wait for each sink."""
    for sink in sinks:
        fresh = [(row.delivery_id, row.document) for row in connection.execute(_waiting(sink)) if not row.tries]
        is_tried = connection.execute(_waiting(sink).where(deliveries.c.tries > 0).limit(1)).first() is not None
        told = messages
        if is_tried or len(fresh) + len(messages) > MOST_APART:
            told = [merged([*(decoded(document) for _, document in fresh), *messages])]
            connection.execute(delete(deliveries).where(deliveries.c.delivery_id.in_([number for number, _ in fresh])))
        values = [
            {"sink": sink, "made_ms": now_ms, "document": one.encoded(), "tries": 0, "due_ms": now_ms, "error": ""}
            for one in told
        ]
        if values:
            connection.execute(insert(deliveries), values)


def is_due(connection: Connection, sink: str, now_ms: int) -> bool:
    """Return whether something waits for a sink whose turn has come."""
    row = connection.execute(_waiting(sink).limit(1)).first()
    return row is not None and row.due_ms <= now_ms


def claim(connection: Connection, sink: str, now_ms: int, lease_ms: int) -> Delivery | None:
    """Take the message that is next for a sink, where its turn has come; nobody else does within *lease_ms*."""
    row = connection.execute(_waiting(sink).limit(1)).first()
    if row is None or row.due_ms > now_ms:
        return None
    which = deliveries.c.delivery_id == row.delivery_id
    connection.execute(update(deliveries).where(which).values(tries=row.tries + 1, due_ms=now_ms + lease_ms))
    return Delivery(row.delivery_id, row.made_ms, row.tries + 1, decoded(row.document))


def note_told(connection: Connection, delivery: Delivery, now_ms: int) -> None:
    """Write down that it has arrived."""
    which = deliveries.c.delivery_id == delivery.delivery_id
    connection.execute(update(deliveries).where(which).values(told_ms=now_ms, error=""))


def note_failure(connection: Connection, delivery: Delivery, error: str, now_ms: int, asked_ms: int = 0) -> None:
    """Write down why it has not; it is tried again, after a pause that grows and is no shorter than was asked for."""
    pause_ms = min(FIRST_PAUSE_MS << min(delivery.tries - 1, 16), MOST_PAUSE_MS)
    values = {"due_ms": now_ms + max(pause_ms, asked_ms), "error": error[:40]}
    connection.execute(update(deliveries).where(deliveries.c.delivery_id == delivery.delivery_id).values(values))


def standings(connection: Connection, sinks: Iterable[str]) -> list[SinkStanding]:
    """Return how sinks stand."""
    return [_standing(connection, sink) for sink in sinks]


def waiting_count(connection: Connection) -> int:
    """Return how many messages wait."""
    query = select(func.count()).select_from(deliveries).where(deliveries.c.told_ms.is_(None))
    return int(connection.execute(query).scalar_one())


def forget_old(connection: Connection, sinks: Sequence[str], now_ms: int) -> None:
    """Delete what was told long ago, and what waits for a sink that is none of *sinks* any more."""
    gone = and_(deliveries.c.told_ms.is_(None), deliveries.c.sink.not_in(sinks))
    connection.execute(delete(deliveries).where(or_(gone, deliveries.c.made_ms < now_ms - _KEPT_MS)))


def _standing(connection: Connection, sink: str) -> SinkStanding:
    theirs = deliveries.c.sink == sink
    told_ms = connection.execute(select(func.max(deliveries.c.told_ms)).where(theirs)).scalar()
    rows = connection.execute(_waiting(sink)).all()
    first = rows[0] if rows else None
    if first is None:
        return SinkStanding(sink, told_ms, 0, None, 0, "")
    return SinkStanding(sink, told_ms, len(rows), first.made_ms, first.tries, first.error)


def _waiting(sink: str) -> Select[Any]:
    return (
        select(
            deliveries.c.delivery_id,
            deliveries.c.made_ms,
            deliveries.c.document,
            deliveries.c.tries,
            deliveries.c.due_ms,
            deliveries.c.error,
        )
        .where(deliveries.c.sink == sink, deliveries.c.told_ms.is_(None))
        .order_by(deliveries.c.delivery_id)
    )
