"""What the demo prints while it runs: who comes, what was answered, how the lamps and the queue stand."""

from __future__ import annotations

import threading
from collections.abc import Callable

from device.demo.pin_recorder import PinState
from device.demo.screen import Screen
from device.demo.video import Window
from device.demo.visitors import Role
from device.errors import shown as printable
from device.gate.registrar import Answer
from device.model import Backlog, Credential, Output, Unrecognised
from device.policy import PATTERNS
from device.policy.looks import look_of
from device.words import say

WIRED = frozenset({Output.GREEN, Output.RED, Output.BUZZER})
"""As the stage's site file has them."""


class Headings:
    """Prints who comes, once for each visitor, in their order; on any thread."""

    def __init__(self, screen: Screen, roles: tuple[Role, ...]) -> None:
        self._screen, self._roles = screen, roles
        self._lock = threading.Lock()
        self._told = 0

    def tell(self, index: int) -> None:
        """Print the heading of this visitor, and of those before, unless they stand there."""
        with self._lock:
            for number in range(self._told, index + 1):
                title = self._roles[number].title
                self._screen.event("visitor", f"{number + 1}. {say(title)}", visitor=number, title=title)
            self._told = max(self._told, index + 1)


class Reporter:
    """Prints answers, lamps and queue as they happen; *before* an answer is told whose it is."""

    def __init__(
        self,
        screen: Screen,
        shown: list[Window],
        names: list[str] | None = None,
        before: Callable[[int], None] | None = None,
    ) -> None:
        self._screen = screen
        self._shown = shown
        self._names = names
        self._before = before
        self.started = False

    def answer(self, answer: Answer) -> None:
        """Print what was answered; on the gate's thread."""
        reading = answer.reading
        visitor = visitor_at(self._shown, reading.frame_seq) if reading else None
        if visitor is not None and self._before is not None:
            self._before(visitor)
        name = self._names[visitor] if self._names and visitor is not None else None
        kind, length = _claimed(answer)
        title = f"{photo_title(visitor, name)}\n" if name is not None and visitor is not None else ""
        row = say("row {seq}", seq=answer.seq) if answer.seq is not None else say("not recorded")
        lamp = say("lamp after {ms} ms", ms=answer.lamp_ms)
        self._screen.event(
            "answer",
            f"{title}   {kind}, {answer.reason}, {row}, {lamp}\n   -> {look_of(PATTERNS[answer.cue], WIRED)}",
            visitor=visitor,
            image=name,
            kind=kind,
            length=length,
            engine=reading.engine if reading else "",
            cue=answer.cue,
            reason=answer.reason,
            outcome=answer.decision.outcome if answer.decision else None,
            row=answer.seq,
            lamp_ms=answer.lamp_ms,
        )

    def lamps(self, state: PinState) -> None:
        """Draw the lamps; on their thread."""
        self._screen.lamps(state.at_ms, state.lit)

    def queue(self, queue: Backlog) -> None:
        """Print how the queue stands."""
        self.started = True
        told = say(
            "queue: {waiting} waiting of {recorded} recorded", waiting=queue.undelivered, recorded=queue.recorded
        )
        text = f"   {told}" if queue.recorded else ""
        self._screen.event("queue", text, recorded=queue.recorded, waiting=queue.undelivered, parked=queue.parked)


def photo_title(index: int, name: str) -> str:
    """Return the heading of a person's own photo."""
    return f"{index + 1}. {printable(name, 60)}"


def visitor_at(shown: list[Window], seq: int) -> int | None:
    """Return whose carrier is in view at a frame; ``None``: nobody's."""
    return next((n for n, (first, end) in enumerate(shown) if first <= seq < end), None)


def _claimed(answer: Answer) -> tuple[str, int | None]:
    """Return the kind of code, and for what is no credential its length in steps of 64."""
    claim = answer.reading.claim if answer.reading else None
    match claim:
        case Credential():
            return claim.kind.value, None
        case Unrecognised():
            return claim.kind.value, claim.length
    return "button", None
