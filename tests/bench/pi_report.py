"""What the counted instructions come to: figures, goals, and what has moved since they were last accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from device.monitor.health import percentile
from tests.bench.pi_boards import BOARDS, PI_4, PI_5, ZERO_2_W, Board

RATE: Final = 15
TOLERANCE: Final = 0.05
"""A figure that differs by more from the accepted one has moved; the machine repeats itself far better."""
TOLERANCE_OF: Final = {"lamp_p99": 0.10}
"""It is one answer of nine, and another thread of the gate may have had its turn in it (46.7 to 49.4 seen)."""
NOT_COMPARED: Final = ("gate_pss_mb", "eye_pss_mb")
LAMP_GOALS_MS: Final = {PI_4.name: 250, PI_5.name: 120, ZERO_2_W.name: 700}
NOBODY_GOAL: Final = 0.15
SOMEBODY_GOAL: Final = 0.60
READY_GOAL_MS: Final = 6_000
MEMORY_GOAL_MB: Final = 150


@dataclass(frozen=True, slots=True)
class PiFigures:
    """What was counted, in million instructions; memory in 10^6 bytes.

    Attributes:
        lamp_p50: from the capture of a frame to the lamp that answers it, median over the visitors.
        lamp_p99: the same, 99 of 100 (nearest rank).
        lamp_slowest: the visitor whose lamp came last.
        certificate: one HC1 certificate (ES256) verified, from its text.
        record: one check-in recorded: recognised, sealed, chained, committed to SQLite on ext4.
        still: decoder on a frame in which nothing has moved, and that is not looked at.
        nobody: gate and eye for a frame of an empty entrance, every tenth of which is looked at; the mean.
        background: the same where nobody is there, but the background moves.
        somebody: the same while a visitor comes, shows a code and goes.
        busy: decoder on the frames by which a gate chooses its camera's pace.
        ready: gate and eye from their start until the service is ready.
        gate_mb: resident set size of the gate, shared pages counted whole.
        eye_mb: of the eye.
        eye_peak_mb: the most that the eye had with visitors there.
        gate_pss_mb: the gate with shared pages counted in part: it goes by what else runs.
        eye_pss_mb: the eye.
    """

    lamp_p50: float
    lamp_p99: float
    lamp_slowest: str
    certificate: float
    record: float
    still: float
    nobody: float
    background: float
    somebody: float
    busy: float
    ready: float
    gate_mb: float
    eye_mb: float
    eye_peak_mb: float
    gate_pss_mb: float
    eye_pss_mb: float


TITLES: Final = {
    "lamp_p50": "frame to lamp, p50",
    "lamp_p99": "frame to lamp, p99",
    "certificate": "HC1 certificate verified",
    "record": "check-in recorded",
    "still": "still frame, passed over",
    "nobody": "frame, nobody there",
    "background": "frame, nobody there, background moves",
    "somebody": "frame, somebody there",
    "busy": "frame of the pace's measurement",
    "ready": "start to ready",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal, and whether it is met.

    Attributes:
        what: what of which board.
        seen: the figure, as it is printed.
        most: what it may be at most, the same.
        met: whether it is.
    """

    what: str
    seen: str
    most: str
    met: bool


def figures(counted: Mapping[str, Any]) -> PiFigures:
    """Return the figures of what the machine wrote (`tests.appliance.guest.count_instructions`).

    Raises:
        ValueError: its clock is no counter of instructions, or a visitor has no lamp.
    """
    loop_ns = counted["ns_per_instruction"]
    if loop_ns is None or abs(loop_ns - 1) > 0.01:
        raise ValueError(f"an instruction takes {loop_ns} ns there and not 1: what was measured are no instructions")
    visitors = counted["visitors"]
    dark = [visitor["name"] for visitor in visitors if visitor["lamp_ns"] is None]
    if dark or not visitors:
        raise ValueError(f"no lamp for: {', '.join(dark) or 'anybody'}")
    lamps_ns = [visitor["lamp_ns"] for visitor in visitors]
    beside_ns = counted["still_frame_ns"] - counted["still_ns"]

    def million(ns: float | None) -> float:
        return round((ns or 0) / 1e6, 3)

    def mb(name: str) -> float:
        return round(float(counted[name]) / 1e6, 1)

    return PiFigures(
        lamp_p50=million(percentile(lamps_ns, 50)),
        lamp_p99=million(percentile(lamps_ns, 99)),
        lamp_slowest=max(visitors, key=lambda visitor: visitor["lamp_ns"])["name"],
        certificate=million(counted["certificate_ns"]),
        record=million(counted["record_ns"]),
        still=million(counted["still_ns"]),
        nobody=million(beside_ns + counted["empty_ns"]),
        background=million(beside_ns + counted["between_ns"]),
        somebody=million(beside_ns + counted["somebody_ns"]),
        busy=million(counted["busy_ns"]),
        ready=million(counted["ready_gate_ns"] + counted["ready_eye_ns"]),
        gate_mb=mb("gate_rss"),
        eye_mb=mb("eye_rss"),
        eye_peak_mb=mb("eye_peak"),
        gate_pss_mb=mb("gate_pss"),
        eye_pss_mb=mb("eye_pss"),
    )


def goals(seen: PiFigures) -> list[Goal]:
    """Hold the figures against the goals."""
    found = []
    for board in BOARDS:
        most_ms = LAMP_GOALS_MS[board.name]
        found.append(_goal(f"{board.name}: frame to lamp, p99", board.ms(seen.lamp_p99), most_ms, "ms"))
    for what, million, most in (("nobody", seen.nobody, NOBODY_GOAL), ("somebody", seen.somebody, SOMEBODY_GOAL)):
        share = 100 * PI_4.share(million, RATE)
        found.append(_goal(f"Pi 4: of one core, {what} there, {RATE} frames a second", share, 100 * most, "%"))
    found.append(_goal("Pi 4: start to ready", PI_4.ms(seen.ready), READY_GOAL_MS, "ms"))
    found.append(
        _goal("memory of gate and eye at its most (RSS)", seen.gate_mb + seen.eye_peak_mb, MEMORY_GOAL_MB, "MB")
    )
    return found


def _goal(what: str, value: float, most: float, unit: str) -> Goal:
    return Goal(what, f"{value:,.0f} {unit}", f"{most:,.0f} {unit}", met=value <= most)


def moved(seen: PiFigures, accepted: Mapping[str, Any]) -> list[str]:
    """Return a line for each figure that differs from the accepted one by more than the tolerance."""
    lines = []
    for name, value in asdict(seen).items():
        before = accepted.get(name)
        if name in NOT_COMPARED:
            continue
        if before is None:
            lines.append(f"{name}: {value}, was never accepted")
        elif isinstance(value, str):
            if value != before:
                lines.append(f"{name}: {before} -> {value}")
        elif abs(value - before) > TOLERANCE_OF.get(name, TOLERANCE) * before:
            lines.append(f"{name}: {before} -> {value} ({value / before - 1:+.1%})")
    return lines


def lines(seen: PiFigures) -> Iterator[str]:
    """Yield the figures as a person reads them: instructions, and what they are in time on each board."""
    heads = "".join(f"{board.name:>12}" for board in BOARDS)
    yield f"{'one core, an estimate':40}{'million':>10}{heads}"
    for name, title in TITLES.items():
        million = getattr(seen, name)
        yield f"{title:40}{million:10,.1f}{''.join(_time(board, million) for board in BOARDS)}"
    for title, million in (
        (f"of it at {RATE} frames/s, nobody", seen.nobody),
        (f"of it at {RATE} frames/s, background", seen.background),
        (f"of it at {RATE} frames/s, somebody", seen.somebody),
    ):
        yield f"{title:40}{'':10}{''.join(f'{board.share(million, RATE):12.0%}' for board in BOARDS)}"
    paces = [board.pace(seen.busy) for board in BOARDS]
    yield f"{'size that its gate chooses':50}{''.join(f'{width}x{height}'.rjust(12) for (width, height), _ in paces)}"
    yield f"{'frames a second':50}{''.join(f'{rate:12}' for _, rate in paces)}"
    for name, gate, eye in (("RSS", seen.gate_mb, seen.eye_mb), ("PSS", seen.gate_pss_mb, seen.eye_pss_mb)):
        yield f"memory: gate {gate:.0f} + eye {eye:.0f} = {gate + eye:.0f} MB ({name})"
    yield f"memory of the eye with visitors there: {seen.eye_peak_mb:.0f} MB at its most"
    yield f"the slowest lamp: {seen.lamp_slowest}"
    for board in BOARDS:
        yield f"{board.name}: {board.processor} at {board.ghz} GHz, {board.per_cycle} instructions a cycle"


def _time(board: Board, million: float) -> str:
    ms = board.ms(million)
    return f"{ms:9,.0f} ms" if ms >= 10 else f"{ms:9.2f} ms"
