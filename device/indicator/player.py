"""Plays blink patterns on lamps and buzzer without ever making the scan loop wait.

`Player` keeps the timing, without pins or threads; `LampIndicator` gives it both. The first
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
    """Timing of patterns: which outputs are on now, and until when. All times are monotonic seconds."""

    def __init__(self, patterns: Mapping[Cue, Pattern]) -> None:
        self._patterns = patterns
        self._rest: Cue | None = None
        self._pattern = Pattern(())
        self._beat = 0
        self._until_s: float | None = None
        self._resting = True

    @property
    def resting(self) -> Cue | None:
        """Return what is shown while nothing is played; ``None`` is dark."""
        return self._rest

    @property
    def holds_relay(self) -> bool:
        """Return whether what is played holds the relay now, or will."""
        left = () if self._resting else self._pattern.beats[self._beat :]
        return any(Output.RELAY in beat.outputs for beat in left)

    def show(self, cue: Cue, now_s: float) -> frozenset[Output]:
        """Begin *cue*; return the outputs of its first beat."""
        return self.play(self._patterns[cue], now_s)

    def play(self, pattern: Pattern, now_s: float) -> frozenset[Output]:
        """Begin *pattern*, once; return the outputs of its first beat."""
        return self._begin(pattern, now_s, resting=False)

    def rest_on(self, cue: Cue, now_s: float) -> frozenset[Output] | None:
        """Change what is shown at rest; return its outputs when that is what is being shown, else ``None``."""
        if cue == self._rest:
            return None
        self._rest = cue
        return self._begin(self._patterns[cue], now_s, resting=True) if self._resting else None

    def turn(self, now_s: float) -> frozenset[Output] | None:
        """Move on to the beat of this moment and return its outputs; ``None`` when nothing changes yet."""
        if self._until_s is None or now_s < self._until_s:
            return None
        if self._beat + 1 < len(self._pattern.beats):
            return self._play(self._beat + 1, self._until_s)
        if self._resting and self._pattern.repeats:
            return self._play(0, now_s)
        return self._begin(self._patterns[self._rest] if self._rest else Pattern(()), now_s, resting=True)

    def wait_s(self, now_s: float) -> float:
        """Return how long until `turn` has something to do; a minute when nothing is planned."""
        return 60.0 if self._until_s is None else max(0.0, self._until_s - now_s)

    def _begin(self, pattern: Pattern, now_s: float, *, resting: bool) -> frozenset[Output]:
        self._pattern, self._resting = pattern, resting
        if not pattern.beats:
            self._until_s = None
            return _DARK
        return self._play(0, now_s)

    def _play(self, beat: int, from_s: float) -> frozenset[Output]:
        self._beat = beat
        last = beat + 1 == len(self._pattern.beats)
        still = last and self._resting and not self._pattern.repeats  # a resting cue may just stay as it is
        self._until_s = None if still else from_s + self._pattern.beats[beat].ms / 1000
        return self._pattern.beats[beat].outputs


class LampIndicator:
    """Implements `device.ports.Indicator`. The later beats are played by `run`, on a `device.threads.ServiceThread`.

    Args:
        outputs: the pins; closed by `close`.
        patterns: one for every cue.
        clock: paces the beats.
        rests: told each new resting cue, under the indicator's lock; ``None``: nobody is.
    """

    def __init__(
        self,
        outputs: Outputs,
        patterns: Mapping[Cue, Pattern],
        clock: Clock,
        rests: Callable[[Cue], None] | None = None,
    ) -> None:
        self._outputs = outputs
        self._rests = rests
        self._player = Player(patterns)
        self._clock = clock
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._failing = False

    @property
    def failing(self) -> bool:
        """Return whether the pins refuse to be set."""
        return self._failing

    @property
    def resting(self) -> Cue | None:
        """Return what is shown while nothing is played; ``None`` before the first `rest_on`."""
        return self._player.resting

    def show(self, cue: Cue) -> None:
        """Light the first beat of *cue* now; the thread plays the rest."""
        with self._lock:
            self._light(self._player.show(cue, self._clock.monotonic_s()))
        self._wake.set()

    def play(self, pattern: Pattern) -> bool:
        """Play a pattern once, as `show` plays a cue: a person wants to see the lamps.

        Returns:
            ``False`` when it is not played: somebody is being let in, and the relay would fall.
        """
        with self._lock:
            if self._player.holds_relay:
                return False
            self._light(self._player.play(pattern, self._clock.monotonic_s()))
        self._wake.set()
        return True

    def rest_on(self, cue: Cue) -> None:
        """Set the resting cue; costs nothing when it is the same."""
        with self._lock:
            if self._rests is not None and cue is not self._player.resting:
                self._rests(cue)
            on = self._player.rest_on(cue, self._clock.monotonic_s())
            self._light(on)
        if on is not None:
            self._wake.set()

    def close(self) -> None:
        """Dark, silent, pins let go, and `run` ends."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._outputs.close()
        self._wake.set()

    def _light(self, on: frozenset[Output] | None) -> None:
        """Set the pins; a failure is told once and does not stop the gate from recording."""
        if on is None or self._closed:
            return
        try:
            self._outputs.set(on)
            self._failing = False
        except PinUnavailable as error:
            if not self._failing:
                log.error("event=indicator-failed reason=%r", str(error))  # noqa: TRY400 - the reason is the message
            self._failing = True

    def run(self) -> None:
        """Play the later beats until closed; what it raises is a defect."""
        while True:
            with self._lock:
                if self._closed:
                    return
                now_s = self._clock.monotonic_s()
                self._light(self._player.turn(now_s))
                wait_s = self._player.wait_s(now_s)
            self._clock.wait(self._wake, wait_s)
            self._wake.clear()
