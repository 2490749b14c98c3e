"""The main loop: a visitor shows a code, the gate decides, writes it down, and only then lights a lamp."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event

from device.clock import Clock
from device.gate.link_status import LinkStatus
from device.gate.presence import Presence
from device.gate.registrar import Answer, Registrar
from device.gate.traffic import Traffic
from device.model import EYE_STARTING, Claim, Cue, Reading, Sight, Unrecognised
from device.monitor.health import Health
from device.ports import Eye, Indicator

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything the scan loop works with; built complete by `device.app.service`, used on the scan thread.

    Attributes:
        eye: sees.
        presence: tells one presentation from another.
        registrar: decides and writes down.
        indicator: the lamps and the buzzer.
        clock: the machine's own.
        health: the figures.
        link: whether check-ins wait for a centre that does not take them; shown at rest.
        traffic: told when a code is in view.
        new_row: set after a row was written (wakes the delivery).
        pressed: set when the guard presses the manual button.
        watch: called after each answer.
    """

    eye: Eye
    presence: Presence
    registrar: Registrar
    indicator: Indicator
    clock: Clock
    health: Health
    link: LinkStatus
    traffic: Traffic
    new_row: Event
    pressed: Event
    watch: Callable[[Answer], None]


def scan(gate: Gate, stop: Event) -> None:
    """Answer each presentation once, until *stop* is set or a replay ends."""
    for sight in gate.eye.sights(stop):  # at least one a second; restarts the eye itself
        gate.health.beat(gate.presence.ignored)  # what feeds the watchdog: this loop turns
        if sight.ended:
            return
        cue = resting(gate, sight)
        gate.indicator.rest_on(cue)
        if cue is not Cue.STARTING:
            gate.health.ready()
        if gate.pressed.is_set():
            gate.pressed.clear()
            tell(gate, gate.registrar.record(None, None))
        if sight.lost is None and (reading := look(gate, sight)):  # the whole sight: two codes are seen as two
            tell(gate, gate.registrar.answer(reading))


def look(gate: Gate, sight: Sight) -> Reading | None:
    """Let presence judge one sight; return what must be answered now."""
    if sight.frame_seq >= 0:
        gate.health.saw(sight.frame_seq, sight.decode_us)
        if sight.symbols or sight.broken:
            gate.traffic.code_in_view(sight.captured_ms)
    return gate.presence.look(sight)


def tell(gate: Gate, told: Answer) -> None:
    """Light the lamp, then count, log and pass on: nothing comes before the lamp."""
    gate.indicator.show(told.cue)
    lamp_ms = 0
    if told.reading is not None:
        lamp_ms = max(0, gate.clock.monotonic_ms() - told.reading.captured_ms)
    claim = told.reading.claim if told.reading is not None else None
    gate.health.answered(told.cue, lamp_ms, claim.kind if isinstance(claim, Unrecognised) else None)
    if told.seq is not None:
        gate.new_row.set()
    note(told, claim, lamp_ms)
    gate.watch(replace(told, lamp_ms=lamp_ms))


def note(told: Answer, claim: Claim | None, lamp_ms: int) -> None:
    """Log one answer; of somebody who was judged only that a row was written.

    The journal lies on the card: what the gate said to a person, or with which code, has no place beside a time.
    """
    if told.seq is not None:
        log.info("event=checked-in seq=%d lamp_ms=%d", told.seq, lamp_ms)
    elif isinstance(claim, Unrecognised):
        log.info(
            "event=answer cue=%s reason=%s kind=%s length=%d lamp_ms=%d",
            told.cue,
            told.reason,
            claim.kind,
            claim.length,
            lamp_ms,
        )


def resting(gate: Gate, sight: Sight) -> Cue:
    """Return what the lamps show while nobody is being answered."""
    seen_frame = gate.health.frames > 0
    if gate.registrar.ledger_fault:
        return Cue.FAULT
    if sight.lost is not None:
        return Cue.FAULT if sight.lost != EYE_STARTING or seen_frame else Cue.STARTING
    if not seen_frame and sight.frame_seq < 0:
        return Cue.STARTING
    return Cue.OFFLINE if gate.link.is_down else Cue.READY
