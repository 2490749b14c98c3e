"""Plays cues on the lamps and the buzzer without ever making the scan loop wait.

`Player` is the score reader, without pins or threads; `LampIndicator` gives it both. The first
beat is lit on the caller's thread, before `show` returns: the visitor's tenth of a second does not
wait for a thread to wake up.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from device.clock import Clock
from device.errors import PinUnavailable
from device.indicator.pins import Outputs
from device.model import Cue, Output, Pattern

log = logging.getLogger(__name__)

_DARK: frozenset[Output] = frozenset()


class Player:
    """Reads scores: which lines are lit now, and until when. All times are monotonic seconds."""

    def __init__(self, scores: Mapping[Cue, Pattern]) -> None:
        self._scores = scores
        self._rest: Cue | None = None
        self._score = Pattern(())
        self._beat = 0
        self._until_s: float | None = None
        self._resting = True

    @property
    def resting(self) -> Cue | None:
        """What is shown while nothing is played; ``None`` is dark."""
        return self._rest

    def show(self, cue: Cue, now_s: float) -> frozenset[Output]:
        """Begin *cue*; return the lines of its first beat."""
        return self.play(self._scores[cue], now_s)

    def play(self, score: Pattern, now_s: float) -> frozenset[Output]:
        """Begin *score*, once; return the lines of its first beat."""
        return self._begin(score, now_s, resting=False)

    def rest_on(self, cue: Cue, now_s: float) -> frozenset[Output] | None:
        """Change what is shown at rest; return the lines when that is what is being shown."""
        if cue == self._rest:
            return None
        self._rest = cue
        return self._begin(self._scores[cue], now_s, resting=True) if self._resting else None

    def turn(self, now_s: float) -> frozenset[Output] | None:
        """Move on to the beat of this moment; ``None`` when nothing changes yet."""
        if self._until_s is None or now_s < self._until_s:
            return None
        if self._beat + 1 < len(self._score.beats):
            return self._play(self._beat + 1, self._until_s)
        if self._resting and self._score.repeats:
            return self._play(0, now_s)
        return self._begin(self._scores[self._rest] if self._rest else Pattern(()), now_s, resting=True)

    def wait_s(self, now_s: float) -> float:
        """Return how long until `turn` has something to do; a minute when nothing is planned."""
        return 60.0 if self._until_s is None else max(0.0, self._until_s - now_s)

    def _begin(self, score: Pattern, now_s: float, *, resting: bool) -> frozenset[Output]:
        self._score, self._resting = score, resting
        if not score.beats:
            self._until_s = None
            return _DARK
        return self._play(0, now_s)

    def _play(self, beat: int, from_s: float) -> frozenset[Output]:
        self._beat = beat
        last = beat + 1 == len(self._score.beats)
        still = last and self._resting and not self._score.repeats  # a resting cue may just stay as it is
        self._until_s = None if still else from_s + self._score.beats[beat].ms / 1000
        return self._score.beats[beat].lines


class LampIndicator:
    """Implements `device.ports.Indicator`. A thread named ``indicator`` plays the later beats.

    Args:
        outputs: the pins; closed by `close`.
        scores: a score for every cue.
        clock: paces the beats.
        rests: told each new resting cue, under the indicator's lock.
    """

    def __init__(
        self,
        outputs: Outputs,
        scores: Mapping[Cue, Pattern],
        clock: Clock,
        rests: Callable[[Cue], None] = lambda _cue: None,
    ) -> None:
        self._outputs = outputs
        self._rests = rests
        self._player = Player(scores)
        self._clock = clock
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._failing = False
        self._thread = threading.Thread(target=self._play, name="indicator", daemon=True)
        self._thread.start()

    @property
    def failing(self) -> bool:
        """Whether the pins refuse to be set."""
        return self._failing

    @property
    def resting(self) -> Cue | None:
        """What is shown while nothing is played; ``None`` before the first word."""
        return self._player.resting

    def show(self, cue: Cue) -> None:
        """Light the first beat of *cue* now; the thread plays the rest."""
        with self._lock:
            self._light(self._player.show(cue, self._clock.monotonic_s()))
        self._wake.set()

    def play(self, score: Pattern) -> None:
        """Play a score once, as `show` plays a cue: a person wants to see the lamps."""
        with self._lock:
            self._light(self._player.play(score, self._clock.monotonic_s()))
        self._wake.set()

    def rest_on(self, cue: Cue) -> None:
        """Set the resting cue; costs nothing when it is the same."""
        with self._lock:
            if cue is not self._player.resting:
                self._rests(cue)
            lines = self._player.rest_on(cue, self._clock.monotonic_s())
            self._light(lines)
        if lines is not None:
            self._wake.set()

    def close(self) -> None:
        """Dark, silent, pins let go."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._outputs.close()
        self._wake.set()
        self._thread.join(timeout=2)

    def _light(self, lines: frozenset[Output] | None) -> None:
        """Set the pins; a failure is told once and does not stop the gate from recording."""
        if lines is None or self._closed:
            return
        try:
            self._outputs.set(lines)
            self._failing = False
        except PinUnavailable as error:
            if not self._failing:
                log.error("event=indicator-failed reason=%r", str(error))  # noqa: TRY400 - the reason is the message
            self._failing = True

    def _play(self) -> None:
        while True:
            with self._lock:
                if self._closed:
                    return
                now_s = self._clock.monotonic_s()
                self._light(self._player.turn(now_s))
                wait_s = self._player.wait_s(now_s)
            self._clock.wait(self._wake, wait_s)
            self._wake.clear()
