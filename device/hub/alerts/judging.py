"""What is wrong by the rules about gates and places. Pure.

Opening hours that nobody has registered count as always open where a gate is silent, for that is worth knowing, and as
never open where nothing was scanned, for nobody knows whether somebody should have come.

What a cause explains is not told beside it: at a place whose gates are all silent or out of service it is no news that
nothing was scanned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Final

from device.clock import DAY_MS
from device.hub.alerts.rules import Found, Key, Limits, Look, Rule
from device.hub.alerts.watched import Watched
from device.hub.registry.opening_times import day_hours, is_open, local_day, open_hours, openings_of, spans
from device.model import HOUR_MS

OUT_OF_SERVICE: Final = frozenset({"fault", "camera", "engine-left-out"})
"""Words of a gate's report that mean it: nobody is let in, or not every code is read."""
NEARLY_MS: Final = 7 * 60_000
"""A gate reports every five minutes, a fifth more or less: after this one report at least is missing."""
LOOK_BACK_MS: Final = 7 * DAY_MS
"""So far back opening time is counted: over a weekend and a holiday."""


def judged_gates(gates: Sequence[Watched], limits: Limits, now_ms: int, hearing_ms: int) -> Look:
    """Judge each gate: is it silent, is it out of service?

    Args:
        gates: all that are watched.
        limits: what is too long.
        now_ms: the time, Unix milliseconds.
        hearing_ms: since when the hub was there to hear gates without a gap: before, none is to blame.
    """
    opens = _cached_open(now_ms, now_ms - limits.silent_ms)
    wrong: dict[Key, Found] = {}
    nearly: dict[Key, Found] = {}
    unknown: set[Key] = set()
    for gate in gates:
        silent, fault = (Rule.SILENT, gate.device_id), (Rule.OUT_OF_SERVICE, gate.device_id)
        if gate.heard_ms is None:
            continue
        limit_ms = gate.silent_after_ms(limits.silent_ms)
        if now_ms - gate.heard_ms < limit_ms:
            named = OUT_OF_SERVICE.intersection(gate.troubles)
            if named:
                wrong[fault] = _of(gate, gate.heard_ms, " ".join(sorted(named)))
            if now_ms - max(gate.heard_ms, hearing_ms) >= max(NEARLY_MS, limit_ms // 2) and opens(gate):
                nearly[silent] = _of(gate, gate.heard_ms)
            continue
        unknown.add(fault)  # what it said last may be so no more
        if now_ms - max(gate.heard_ms, hearing_ms) >= limit_ms and opens(gate):
            wrong[silent] = _of(gate, gate.heard_ms)
        else:
            unknown.add(silent)
    return Look(frozenset({Rule.SILENT, Rule.OUT_OF_SERVICE}), wrong, nearly, frozenset(unknown), len(gates))


def scans_since(gates: Iterable[Watched], limits: Limits, now_ms: int) -> dict[tuple[str, str], int]:
    """Return for opening hours and time zone of places that are open now since when a scan would have to be there.

    That is when as much opening time lay ahead as may pass without one; those are left out that were not open so long.
    """
    found: dict[tuple[str, str], int] = {}
    for hours in {(gate.opening_hours, gate.time_zone) for gate in gates if gate.opening_hours}:
        openings = openings_of(hours[0])
        left_ms = limits.nothing_scanned_ms
        if not is_open(openings, hours[1], now_ms):
            continue
        for begin, end in reversed(spans(openings, hours[1], now_ms - LOOK_BACK_MS, now_ms)):
            if end - begin >= left_ms:
                found[hours] = end - left_ms
                break
            left_ms -= end - begin
    return found


def judged_places(
    gates: Iterable[Watched],
    since: Mapping[tuple[str, str], int],
    last: Mapping[str, int],
    limits: Limits,
    now_ms: int,
) -> Look:
    """Judge each place: was nothing scanned there for too long, though a gate works?

    Args:
        gates: all that are watched.
        since: from `scans_since`.
        last: the last hour in which each gate scanned somebody (`device.hub.alerts.watched.last_scans`).
        limits: what is too long.
        now_ms: the time.
    """
    wrong: dict[Key, Found] = {}
    unknown: set[Key] = set()
    for place_id, theirs in _by_place(gates).items():
        key, hours = (Rule.NOTHING_SCANNED, place_id), (theirs[0].opening_hours, theirs[0].time_zone)
        began_ms = since.get(hours)
        if began_ms is None:
            unknown.add(key)
            continue
        if any((last.get(gate.device_id, -1) + 1) * HOUR_MS > began_ms for gate in theirs):
            continue
        if any(gate.assigned_ms <= began_ms and _works(gate, limits, now_ms) for gate in theirs):
            wrong[key] = _of_place(theirs[0], began_ms)
        else:
            unknown.add(key)
    return Look(frozenset({Rule.NOTHING_SCANNED}), wrong, {}, frozenset(unknown))


def yesterday_of(time_zone: str, now_ms: int) -> tuple[int, int]:
    """Return the first hour of the day that is over by a place's clocks, and the first one after it.

    An hour late, so that what gates still have can come.
    """
    return day_hours(time_zone, local_day(time_zone, now_ms - HOUR_MS) - timedelta(days=1))


def judged_coverage(
    gates: Iterable[Watched], scanned: Mapping[str, set[int]], limits: Limits, now_ms: int, zones: frozenset[str]
) -> Look:
    """Judge the day that is over of each place in some time zones: had enough of its opening hours a scan?

    Args:
        gates: all that are watched.
        scanned: the hours of that day in which each gate scanned somebody.
        limits: what is too little.
        now_ms: the time.
        zones: time zones whose day is over and was not judged; what stands of other places stays.
    """
    wrong: dict[Key, Found] = {}
    unknown: set[Key] = set()
    for place_id, theirs in _by_place(gates).items():
        key, zone = (Rule.COVERAGE, place_id), theirs[0].time_zone
        if zone not in zones:
            unknown.add(key)
            continue
        first, end = yesterday_of(zone, now_ms)
        opening = open_hours(theirs[0].opening_hours, zone, first, end)
        if not opening or all(gate.assigned_ms > first * HOUR_MS for gate in theirs):
            unknown.add(key)
            continue
        hours = opening & frozenset().union(*(scanned.get(gate.device_id, ()) for gate in theirs))
        percent = 100 * len(hours) // len(opening)
        if percent < limits.coverage_percent:
            wrong[key] = _of_place(theirs[0], first * HOUR_MS, str(percent))
    return Look(frozenset({Rule.COVERAGE}), wrong, {}, frozenset(unknown))


def _cached_open(*moments: int) -> Callable[[Watched], bool]:
    """Return what says whether a gate's place is open at all of these moments; many places have the same hours."""

    @lru_cache(None)
    def of_hours(opening_hours: str, time_zone: str) -> bool:
        openings = openings_of(opening_hours)
        return all(is_open(openings, time_zone, at_ms) is not False for at_ms in moments)

    return lambda gate: not gate.opening_hours or of_hours(gate.opening_hours, gate.time_zone)


def _by_place(gates: Iterable[Watched]) -> dict[str, list[Watched]]:
    found: dict[str, list[Watched]] = defaultdict(list)
    for gate in gates:
        if gate.place_id is not None:
            found[gate.place_id].append(gate)
    return found


def _works(gate: Watched, limits: Limits, now_ms: int) -> bool:
    if gate.heard_ms is None or OUT_OF_SERVICE.intersection(gate.troubles):
        return False
    return now_ms - gate.heard_ms < gate.silent_after_ms(limits.silent_ms)


def _of(gate: Watched, since_ms: int, detail: str = "") -> Found:
    return Found(gate.name, gate.place, gate.province, gate.device_id, gate.place_id, since_ms, detail)


def _of_place(gate: Watched, since_ms: int, detail: str = "") -> Found:
    return Found(gate.place, gate.place, gate.province, None, gate.place_id, since_ms, detail)
