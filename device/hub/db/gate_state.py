"""How gates stand: the last state report of each, and what it counted by hour (`device.wire.state`).

Counts are absolute. Of one series the highest ever heard stays, so that a report that comes twice, late or never, or a
gate that fell back to what it had kept, makes nothing shrink; series of one hour are added up, so that a gate with
another card counts on beside what its old one had.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    and_,
    bindparam,
    case,
    exists,
    select,
)

from device.errors import WireError
from device.hub.db.tables import gates, metadata
from device.model import HOUR_MS, Count, HourCounts
from device.wire.checkins import CONTRACT
from device.wire.state import MOST_HOURS, GateState, StateAnswer, decode_state

PLAUSIBLE_HOURS: Final = MOST_HOURS + 2
"""How far from now an hour may lie: what a gate keeps, and two for the way."""
SILENT_S: Final = 20 * 60
"""A gate reports every five minutes, a fifth more or less: three are missing."""
SILENT_WITHOUT_REPORTS_S: Final = 7 * 3600
"""A gate that does not report is heard with its check-ins, and every six hours at least."""
MOST_SERIES: Final = 8
"""Of one gate in one hour. A gate begins another only when its card was replaced, or its counts were damaged."""

KEPT_DAYS: Final = 400
"""How long counts by the hour are kept: the same month of the year before can be compared."""
_GATES_AT_ONCE: Final = 100

gate_state = Table(
    "gate_state",
    metadata,
    Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
    Column("heard_ms", BigInteger, nullable=False),
    Column("version", String(32), nullable=False),
    Column("troubles", Text, nullable=False),  # words, with blanks between
    Column("waiting", BigInteger),  # check-ins that are not delivered; NULL: its ledger cannot be read
    Column("day", String(10), nullable=False),  # of the hub's place, on which it was heard
    Column("scans", BigInteger, nullable=False),  # that it counted on that day
    Column("document", Text, nullable=False),  # JSON, without the hours
)

gate_counters = Table(
    "gate_counters",
    metadata,
    Column("device_id", String(64), ForeignKey("gates.device_id"), primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),  # since 1970, UTC
    Column("series", String(16), primary_key=True),
    *(Column(count.value.replace("-", "_"), Integer, nullable=False) for count in Count),
    sqlite_with_rowid=False,
)

_COUNTS: Final = tuple(gate_counters.c[count.value.replace("-", "_")] for count in Count)
_SCANS: Final = [count in {Count.GRANTED, Count.REFERRED, Count.DENIED} for count in Count]
_SINCE: Final = select(gate_counters.c.hour, gate_counters.c.series, *_COUNTS).where(
    gate_counters.c.device_id == bindparam("device"), gate_counters.c.hour >= bindparam("since")
)
_REPLACE: Final = gate_state.update().where(gate_state.c.device_id == bindparam("device"))
_RAISE: Final = (
    gate_counters.update()
    .where(
        gate_counters.c.device_id == bindparam("device"),
        gate_counters.c.hour == bindparam("at"),
        gate_counters.c.series == bindparam("of"),
    )
    .values({column: bindparam(f"new_{column.name}") for column in _COUNTS})
)
STANDING: Final = (
    gates.c.device_id,
    gates.c.name,
    gates.c.added_ms,
    gates.c.contact_ms,
    gates.c.revocation.is_not(None).label("revoked"),
    gate_state.c.heard_ms,
    gate_state.c.version,
    gate_state.c.troubles,
    gate_state.c.waiting,
    gate_state.c.day,
    gate_state.c.scans,
)
"""What `standing_of` reads; `gates` must be joined with `gate_state`, which need not have a row."""
_STANDING: Final = (
    select(*STANDING)
    .outerjoin(gate_state, gate_state.c.device_id == gates.c.device_id)
    .order_by(gates.c.added_ms, gates.c.device_id)
)

_Key = tuple[int, str]


class Standing(NamedTuple):
    """How one gate stands; a tuple, for there are many.

    Attributes:
        device_id: which gate.
        name: what people call it.
        revoked: whether its key was withdrawn.
        heard_ms: when it was last heard, with whatever; ``None``: never since it was added.
        reported_ms: when it last said how it stands; ``None``: never, as an older version of a gate.
        version: its software; ``None`` like `reported_ms`.
        troubles: what a person would act on, in words of `device.monitor.alerts`.
        waiting: check-ins that it has not delivered; ``None`` when that is not known.
        scans: what it answered today, about people who showed who they are; ``None`` like `reported_ms`.
    """

    device_id: str
    name: str
    revoked: bool
    heard_ms: int | None
    reported_ms: int | None
    version: str | None
    troubles: tuple[str, ...]
    waiting: int | None
    scans: int | None


def note_state(
    connection: Connection, device_id: str, state: GateState, hours: Sequence[HourCounts], now_ms: int
) -> StateAnswer:
    """Keep a report, within a transaction; return which of its hours are counted, and which never will be."""
    midnight = _midnight(now_ms)
    today = round(midnight.timestamp() * 1000) // HOUR_MS
    since = min([today, *(hour.hour for hour in hours if _is_plausible(hour.hour, now_ms))])
    found = connection.execute(_SINCE.with_for_update(), {"device": device_id, "since": since})
    before: dict[_Key, tuple[int, ...]] = {(row[0], row[1]): tuple(row[2:]) for row in found}
    after, refused = _merged(before, state.series, hours, now_ms)
    _write(connection, device_id, before, after)
    scans = sum(_scans(counts) for (hour, _), counts in {**before, **after}.items() if hour >= today)
    values = {
        "heard_ms": now_ms,
        "version": state.version,
        "troubles": " ".join(state.troubles),
        "waiting": None if state.queue is None else state.queue.waiting,
        "day": str(midnight.date()),
        "scans": scans,
        "document": json.dumps(asdict(state), separators=(",", ":"), ensure_ascii=False),
    }
    if not connection.execute(_REPLACE, {"device": device_id, **values}).rowcount:
        connection.execute(gate_state.insert(), {"device_id": device_id, **values})
    return StateAnswer(frozenset(hour.hour for hour in hours) - refused, refused)


def standings(connection: Connection, now_ms: int) -> list[Standing]:
    """Return how every gate stands, the oldest first."""
    today = day_of(now_ms)
    return [standing_of(row, today) for row in connection.execute(_STANDING)]


def day_of(now_ms: int) -> str:
    """Return the day of this machine's place, as `gate_state` has it."""
    return str(_midnight(now_ms).date())


def standing_of(row: Sequence[Any], today: str) -> Standing:
    """Return how a gate stands, from the columns of `STANDING`; *today* is `day_of` now."""
    device_id, name, added_ms, contact_ms, revoked, reported_ms, version, troubles, waiting, day, scans = row
    return Standing(
        device_id,
        name,
        bool(revoked),
        max(contact_ms, reported_ms or 0) if reported_ms or contact_ms > added_ms else None,
        reported_ms,
        version,
        tuple(troubles.split()) if troubles else (),
        waiting,
        None if reported_ms is None else scans if day == today else 0,
    )


def state_column(now_ms: int) -> ColumnElement[str]:
    """Return `device.hub.standing_words.state_of` as an expression of the same join; a test holds that both agree."""
    reports = gate_state.c.heard_ms.is_not(None)
    heard = case((gate_state.c.heard_ms > gates.c.contact_ms, gate_state.c.heard_ms), else_=gates.c.contact_ms)
    since = case((reports, now_ms - SILENT_S * 1000), else_=now_ms - SILENT_WITHOUT_REPORTS_S * 1000)
    return case(
        (gates.c.revocation.is_not(None), "revoked"),
        (and_(~reports, gates.c.contact_ms <= gates.c.added_ms), "never"),
        (heard < since, "silent"),
        (gate_state.c.troubles != "", "trouble"),
        else_="well",
    )


def said_state(document: str | None) -> GateState | None:
    """Read what `gate_state` keeps of a report; ``None`` without one, or of another version of this program."""
    if document is None:
        return None
    try:
        said = json.loads(document)
        return decode_state(json.dumps({"contract": CONTRACT, **said, "hours": []}, ensure_ascii=False).encode())[0]
    except (ValueError, TypeError, WireError):
        return None


def counted(connection: Connection, device_id: str, since: int) -> dict[int, dict[Count, int]]:
    """Return what a gate has counted in each hour from *since* on, all of its series together."""
    found: dict[int, dict[Count, int]] = {}
    for hour, _, *counts in connection.execute(_SINCE, {"device": device_id, "since": since}):
        row = found.setdefault(hour, dict.fromkeys(Count, 0))
        for count, number in zip(Count, counts, strict=True):
            row[count] += number
    return found


def forget_some(connection: Connection, now_ms: int) -> bool:
    """Delete what some gates counted more than `KEPT_DAYS` ago; return whether there may be more.

    An hour long past is refused when it is reported, so it does not come back.
    """
    before = now_ms // HOUR_MS - KEPT_DAYS * 24
    theirs = and_(gate_counters.c.device_id == gates.c.device_id, gate_counters.c.hour < before)
    some = select(gates.c.device_id).where(exists().where(theirs)).limit(_GATES_AT_ONCE)
    found = list(connection.execute(some).scalars())
    if found:
        old = and_(gate_counters.c.device_id.in_(found), gate_counters.c.hour < before)
        connection.execute(gate_counters.delete().where(old))
    return len(found) == _GATES_AT_ONCE


def _merged(
    before: Mapping[_Key, tuple[int, ...]], series: str, hours: Sequence[HourCounts], now_ms: int
) -> tuple[dict[_Key, tuple[int, ...]], frozenset[int]]:
    """Return the rows that change, and the hours that are refused."""
    in_hour = Counter(hour for hour, _ in before)
    after: dict[_Key, tuple[int, ...]] = {}
    refused: set[int] = set()
    for one in hours:
        key = (one.hour, series)
        had = before.get(key)
        if not _is_plausible(one.hour, now_ms) or (had is None and in_hour[one.hour] >= MOST_SERIES):
            refused.add(one.hour)
            continue
        highest = one.counts if had is None else tuple(map(max, had, one.counts))
        if highest != had:
            after[key] = highest
    return after, frozenset(refused)


def _write(
    connection: Connection,
    device_id: str,
    before: Mapping[_Key, tuple[int, ...]],
    after: Mapping[_Key, tuple[int, ...]],
) -> None:
    names = [column.name for column in _COUNTS]
    new = [
        {"device_id": device_id, "hour": hour, "series": series, **dict(zip(names, counts, strict=True))}
        for (hour, series), counts in after.items()
        if (hour, series) not in before
    ]
    raised = [
        {"device": device_id, "at": hour, "of": series}
        | {f"new_{name}": count for name, count in zip(names, counts, strict=True)}
        for (hour, series), counts in after.items()
        if (hour, series) in before
    ]
    if new:
        connection.execute(gate_counters.insert(), new)
    if raised:
        connection.execute(_RAISE, raised)


def _is_plausible(hour: int, now_ms: int) -> bool:
    return abs(hour - now_ms // HOUR_MS) <= PLAUSIBLE_HOURS


def _scans(counts: tuple[int, ...]) -> int:
    return sum(count for count, is_scan in zip(counts, _SCANS, strict=True) if is_scan)


def _midnight(now_ms: int) -> datetime:
    """Return when this machine's day began."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone()
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
