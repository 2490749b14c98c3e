"""What is wrong, as it lies in the database: compared with what was found now, it tells what began and what ended.

All in the transaction of the caller, under a lock that only one desk holds (`alone`), so that two desks tell once, and
a desk that was started anew tells nothing again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, text, update

from device.clock import DAY_MS
from device.hub.alerts.message import Event, What
from device.hub.alerts.rules import SETTLED_MS, Found, Key, Limits, Look, Rule, hold_ms
from device.hub.db.alert_tables import alert_looks, alerts
from device.hub.db.registry_tables import registered_places
from device.hub.db.tables import gates

GAP_MS: Final = 3 * 60_000
"""So long may pass between two looks: a new start is quicker. After a longer pause gates have time to be heard."""
KEPT_MS: Final = 90 * DAY_MS
EVERYTHING_PERCENT: Final = 90
_AT_ONCE: Final = 500
_FORGOTTEN_AT_ONCE: Final = 10_000
_LOCK: Final = 0x6761_7465_0010
_BE_ALONE: Final = text(f"SELECT pg_advisory_xact_lock({_LOCK})")


class _Open(NamedTuple):
    alert_id: int
    rule: str
    subject: str
    clear_ms: int | None
    again: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What a look has changed.

    Attributes:
        events: what began and what ended.
        is_everything: nearly all gates fell silent together.
    """

    events: Sequence[Event]
    is_everything: bool


def alone(connection: Connection) -> None:
    """Let no other process change alerts or messages until the transaction ends, which has just begun."""
    if connection.dialect.name == "postgresql":
        connection.execute(_BE_ALONE)
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def hearing_since(connection: Connection, now_ms: int) -> int:
    """Return since when the hub has been there to hear gates; it was not where nobody has looked for a while."""
    row = connection.execute(select(alert_looks.c.looked_ms, alert_looks.c.hearing_ms)).first()
    if row is None or not 0 <= now_ms - row.looked_ms <= GAP_MS:
        return now_ms
    return int(row.hearing_ms)


def note_look(connection: Connection, now_ms: int, hearing_ms: int) -> None:
    """Write down that somebody looks."""
    values = {"looked_ms": now_ms, "hearing_ms": hearing_ms}
    if not connection.execute(update(alert_looks).values(values)).rowcount:
        connection.execute(insert(alert_looks).values(one=1, **values))


def settle(connection: Connection, look: Look, limits: Limits, now_ms: int) -> Settled:
    """Write down what has begun and what has ended by now, and return it; once however often it is found."""
    query = select(alerts.c.alert_id, alerts.c.rule, alerts.c.subject, alerts.c.clear_ms, alerts.c.again)
    rows = [_Open(*row) for row in connection.execute(query.where(alerts.c.ended_ms.is_(None)))]
    there: dict[Key, _Open] = {(Rule(row.rule), row.subject): row for row in rows if row.rule in look.judged}
    began = _began(look, there, limits)
    _insert(connection, began, now_ms)
    ended = _ended(connection, look, there, limits, now_ms)
    events = [Event.of(What.BEGAN, rule, subject, found, now_ms) for (rule, subject), found in began.items()]
    events += [Event.of(What.ENDED, Rule(row.rule), row.subject, found, now_ms) for row, found in ended]
    silent = sum(1 for rule, _ in began if rule is Rule.SILENT)
    return Settled(events, silent >= limits.digest_from and silent * 100 >= look.gates * EVERYTHING_PERCENT)


def forget_some(connection: Connection, now_ms: int) -> None:
    """Delete some of what ended long ago."""
    old = select(alerts.c.alert_id).where(alerts.c.ended_ms < now_ms - KEPT_MS).limit(_FORGOTTEN_AT_ONCE)
    connection.execute(delete(alerts).where(alerts.c.alert_id.in_(old)))


def open_counts(connection: Connection) -> list[tuple[str, int]]:
    """Return how much is wrong now by each rule; none where nothing is."""
    query = select(alerts.c.rule, func.count()).where(alerts.c.ended_ms.is_(None)).group_by(alerts.c.rule)
    return sorted((rule, count) for rule, count in connection.execute(query))


def _began(look: Look, there: Mapping[Key, _Open], limits: Limits) -> dict[Key, Found]:
    """Return what is wrong and was not; many that are nearly so for the same reason are taken along."""
    new = {key: found for key, found in look.wrong.items() if key not in there}
    nearly = {key: found for key, found in look.nearly.items() if key not in there and key not in new}
    for rule in {rule for rule, _ in new}:
        along = {key: found for key, found in nearly.items() if key[0] is rule}
        if len(along) >= limits.digest_from:
            new |= along
    return new


def _insert(connection: Connection, began: Mapping[Key, Found], now_ms: int) -> None:
    if not began:
        return
    lately = select(alerts.c.rule, alerts.c.subject, func.max(alerts.c.again)).where(
        alerts.c.ended_ms >= now_ms - DAY_MS
    )
    again = {
        (rule, subject): int(times) + 1
        for rule, subject, times in connection.execute(lately.group_by(alerts.c.rule, alerts.c.subject))
    }
    values = [
        {
            "rule": str(rule),
            "subject": subject,
            "device_id": found.device_id,
            "place_id": found.place_id,
            "began_ms": now_ms,
            "since_ms": found.since_ms,
            "detail": found.detail,
            "again": again.get((str(rule), subject), 0),
        }
        for (rule, subject), found in began.items()
    ]
    connection.execute(insert(alerts), values)


def _ended(
    connection: Connection, look: Look, there: Mapping[Key, _Open], limits: Limits, now_ms: int
) -> list[tuple[_Open, Found]]:
    """Note what is wrong no more, end what has stayed so for long enough, and return it."""
    still = [row for key, row in there.items() if key in look.wrong or key in look.nearly or key in look.unknown]
    clear: dict[str, list[tuple[_Open, int]]] = defaultdict(list)
    gone = set(there.values()).difference(still)
    for row in sorted(gone):
        clear[row.rule].append((row, now_ms - (now_ms if row.clear_ms is None else row.clear_ms)))
    ended: list[_Open] = []
    for rule, ones in clear.items():
        due = [row for row, for_ms in ones if for_ms >= hold_ms(Rule(rule), row.again)]
        settled = [row for row, for_ms in ones if for_ms >= SETTLED_MS]
        ended += settled if due and len(settled) >= max(limits.digest_from, len(due)) else due
    over = set(ended)
    _set(connection, [row for row in still if row.clear_ms is not None], clear_ms=None)
    _set(connection, [row for row in gone - over if row.clear_ms is None], clear_ms=now_ms)
    _set(connection, ended, ended_ms=now_ms)
    named = dict(_named(connection, [row.alert_id for row in ended]))
    return [(row, named[row.alert_id]) for row in ended]


def _set(connection: Connection, rows: Sequence[_Open], **values: int | None) -> None:
    for some in _chunks([row.alert_id for row in rows]):
        connection.execute(update(alerts).where(alerts.c.alert_id.in_(some)).values(values))


def _named(connection: Connection, alert_ids: Sequence[int]) -> Iterator[tuple[int, Found]]:
    """Yield what alerts are about, by its present names."""
    query = (
        select(
            alerts, gates.c.name.label("gate"), registered_places.c.name.label("place"), registered_places.c.province
        )
        .outerjoin(gates, gates.c.device_id == alerts.c.device_id)
        .outerjoin(registered_places, registered_places.c.place_id == alerts.c.place_id)
    )
    for some in _chunks(alert_ids):
        for row in connection.execute(query.where(alerts.c.alert_id.in_(some))):
            place, province = row.place or "", row.province or ""
            name = row.gate or place
            yield row.alert_id, Found(name, place, province, row.device_id, row.place_id, row.since_ms, row.detail)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[first : first + _AT_ONCE] for first in range(0, len(ids), _AT_ONCE))
