"""The main loop: a visitor shows a code, the gate decides, writes it down, and only then lights a lamp."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event

from device.clock import Clock, ClockReading
from device.errors import LedgerUnavailable, SealingUnavailable
from device.gate.occupancy import Occupancy
from device.gate.presence import Presence
from device.gate.status_lookup import StatusLookup
from device.model import (
    EYE_STARTING,
    CheckIn,
    Claim,
    Credential,
    Cue,
    Decision,
    Direction,
    Outcome,
    Place,
    Reading,
    Reason,
    Sight,
    Status,
    Unrecognised,
)
from device.monitor.health import Health
from device.policy import NO_LISTS, Lists, Policy, Recent, Situation, begin, cue_for, cue_of
from device.ports import Eye, Indicator, Ledger

log = logging.getLogger("gate.scan")

_DENIED_ROWS_EVERY_MS = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """What one presentation came to; for the log, the demo and the tests. Carries no personal content.

    Attributes:
        cue: what the visitor saw.
        reason: why.
        reading: what was answered; ``None`` for the manual button.
        decision: ``None`` for what is no credential.
        seq: the row in the ledger; ``None`` when nothing was recorded.
        direction: which way the gate led.
        lamp_ms: from the capture of the frame to the lamp.
    """

    cue: Cue
    reason: Reason
    reading: Reading | None = None
    decision: Decision | None = None
    seq: int | None = None
    direction: Direction = Direction.UNKNOWN
    lamp_ms: int = 0


@dataclass(slots=True)
class Gate:
    """Everything the scan loop works with; built by `device.app.service`, used on the scan thread.

    Attributes:
        policy: the rules in force; may be replaced at any time, on any thread.
        asker: asks the centre about visitors; ``None`` without a hub, or where the policy asks nothing of it.
        lists: the people lists of this moment; may be replaced at any time, on any thread.
        cues: what the site shows for a reason, where it is not the table's.
        room: how many people are inside.
        direction: which way the gate leads, unless *turned_out* says otherwise.
        turned_out: whether people leave here now; ``None`` when nobody knows.
        pressed: set when the guard presses the manual button.
        offline: tells whether check-ins are waiting for a centre that does not answer.
        recorded: called after a row was written (wakes the delivery).
        watch: called after each answer.
        judged: turns a look at the clock into the time that decisions go by (`device.store.high_water_mark`).
    """

    eye: Eye
    presence: Presence
    policy: Policy
    recent: Recent
    ledger: Ledger
    indicator: Indicator
    clock: Clock
    health: Health
    place: Place
    direction: Direction
    asker: StatusLookup | None = None
    lists: Lists = NO_LISTS
    cues: Mapping[Reason, Cue] = field(default_factory=dict)
    room: Occupancy = field(default_factory=Occupancy)
    turned_out: Callable[[], bool | None] = lambda: False
    pressed: Event = field(default_factory=Event)
    offline: Callable[[], bool] = lambda: False
    recorded: Callable[[], None] = lambda: None
    watch: Callable[[Answer], None] = lambda _answer: None
    judged: Callable[[ClockReading], ClockReading] = lambda at: at
    ledger_fault: bool = False
    seen_frame: bool = False
    in_view_ms: int = -(10**9)
    denied_row_ms: int = -(10**9)


def scan(gate: Gate, stop: Event) -> None:
    """Answer each presentation once, until *stop* is set or a replay ends."""
    for sight in gate.eye.sights(stop):  # at least one a second; restarts the eye itself
        gate.health.beat()  # what feeds the watchdog: this loop turns
        if sight.ended:
            return
        cue = resting(gate, sight)
        gate.indicator.rest_on(cue)
        if cue is not Cue.STARTING:
            gate.health.ready()
        if gate.pressed.is_set():
            gate.pressed.clear()
            tell(gate, record(gate, None, None))
        if sight.lost is None and (reading := look(gate, sight)):  # the whole sight: two codes are seen as two
            tell(gate, answer(gate, reading))


def look(gate: Gate, sight: Sight) -> Reading | None:
    """Let presence judge one sight; return what must be answered now."""
    if sight.frame_seq >= 0:
        gate.seen_frame = True
        gate.health.saw(sight.frame_seq, sight.decode_us)
        if sight.symbols or sight.broken:
            gate.in_view_ms = sight.captured_ms
    return gate.presence.look(sight)


def answer(gate: Gate, reading: Reading) -> Answer:
    """Judge one reading; what is no credential is counted and told, never recorded."""
    if isinstance(reading.claim, Unrecognised):
        return Answer(cue_for(reading.claim.reason, gate.cues), reading.claim.reason, reading, direction=way(gate))
    return record(gate, reading, reading.claim)


def record(gate: Gate, reading: Reading | None, credential: Credential | None) -> Answer:
    """Decide, make the check-in durable, and only then choose the light."""
    at = gate.clock.reading()
    judged = gate.judged(at)  # the row keeps what the clock said
    direction = way(gate)
    policy = gate.policy  # one policy for one visitor: another thread may change it
    lists = gate.lists  # the same
    situation = Situation(policy, gate.recent, direction, judged, gate.room.people(policy, judged), lists)
    judging = begin(credential, situation)
    decision = judging.end(asked(gate, policy, credential) if judging.wants_status else None)
    seq = None
    if decision.outcome is not Outcome.DENIED or at.monotonic_ms - gate.denied_row_ms >= _DENIED_ROWS_EVERY_MS:
        try:
            seq = gate.ledger.record(CheckIn(credential, decision, gate.place, direction, at))
        except (LedgerUnavailable, SealingUnavailable) as error:
            if not gate.ledger_fault:
                log.error("ledger fault reason=%s", error)  # noqa: TRY400 - the reason is the message
            gate.ledger_fault = True
            return Answer(Cue.FAULT, Reason.LEDGER_FAULT, reading, direction=direction)
        gate.ledger_fault = False
        if decision.outcome is Outcome.DENIED:
            gate.denied_row_ms = at.monotonic_ms
    if credential is not None:
        gate.recent.remember(credential, decision, direction, at, policy.repeat_window_ms)
    gate.room.passed(decision, direction)
    return Answer(cue_of(decision, gate.cues), decision.reason, reading, decision, seq, direction)


def asked(gate: Gate, policy: Policy, credential: Credential | None) -> Status | None:
    """Ask the centre about who passes otherwise, within its deadline; ``None`` when it was not asked or is late."""
    if gate.asker is None or credential is None or policy.status is None:
        return None
    return gate.asker.ask(credential, policy.status)


def tell(gate: Gate, told: Answer) -> None:
    """Light the lamp, then count, log and pass on: nothing comes before the lamp."""
    gate.indicator.show(told.cue)
    lamp_ms = 0
    if told.reading is not None:
        lamp_ms = max(0, gate.clock.monotonic_ms() - told.reading.captured_ms)
    claim = told.reading.claim if told.reading is not None else None
    gate.health.answered(told.cue, lamp_ms, claim.kind if isinstance(claim, Unrecognised) else None)
    if told.seq is not None:
        gate.recorded()
    note(told, claim, lamp_ms)
    gate.watch(Answer(told.cue, told.reason, told.reading, told.decision, told.seq, told.direction, lamp_ms))


def note(told: Answer, claim: Claim | None, lamp_ms: int) -> None:
    """Log one answer; of somebody who was judged only that a row was written.

    The journal lies on the card: what the gate said to a person, or with which code, has no place beside a time.
    """
    if told.seq is not None:
        log.info("checked in seq=%d lamp_ms=%d", told.seq, lamp_ms)
    elif isinstance(claim, Unrecognised):
        log.info(
            "answer cue=%s reason=%s kind=%s length=%d lamp_ms=%d",
            told.cue,
            told.reason,
            claim.kind,
            claim.length,
            lamp_ms,
        )


def way(gate: Gate) -> Direction:
    """Tell which way the gate leads now; read once for each visitor."""
    turned = gate.turned_out()
    if turned is None:
        return Direction.UNKNOWN
    return Direction.OUT if turned else gate.direction


def resting(gate: Gate, sight: Sight) -> Cue:
    """Choose what the lamps show while nobody is being answered."""
    if gate.ledger_fault:
        return Cue.FAULT
    if sight.lost is not None:
        return Cue.FAULT if sight.lost != EYE_STARTING or gate.seen_frame else Cue.STARTING
    if not gate.seen_frame and sight.frame_seq < 0:
        return Cue.STARTING
    return Cue.OFFLINE if gate.offline() else Cue.READY


def busy(gate: Gate, now_ms: int) -> bool:
    """Tell whether a code was in view within the last half second: delivery waits then."""
    return now_ms - gate.in_view_ms < 500
