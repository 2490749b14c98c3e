"""Cues played because a person wants to see them: on the pins of the running gate, or on free ones.

A visitor's answer cuts a rehearsal off, as it cuts off any cue. The relay stays as it is unless it is asked
for: a door must not open because somebody tries the lamps.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from device.model import Beat, Cue, Output, Pattern

LONGEST_MS: Final = 6_000
"""Of a cue that goes on for longer, so much is shown."""

log = logging.getLogger(__name__)


def rehearsed(score: Pattern, *, relay: bool) -> Pattern:
    """Return what is played of a score: once, not for too long, and without the relay unless it is asked for."""
    beats: list[Beat] = []
    left_ms = LONGEST_MS
    for beat in score.beats:
        if left_ms <= 0:
            break
        beats.append(Beat(beat.lines if relay else beat.lines - {Output.RELAY}, min(beat.ms, left_ms)))
        left_ms -= beat.ms
    return Pattern(tuple(beats))


def length_ms(score: Pattern) -> int:
    """Return how long a score plays, once."""
    return sum(beat.ms for beat in score.beats)


def rehearsal(
    play: Callable[[Pattern], None], scores: Mapping[Cue, Pattern]
) -> Callable[[Mapping[str, object]], object]:
    """Return the running gate's answer to `gate-scanner lights`.

    Args:
        play: plays a score once and returns at once.
        scores: of every cue.
    """

    def lights(terms: Mapping[str, object]) -> object:
        """Play ``cue``, with the relay when ``relay`` is true; say how long it takes. Without one: nothing, 0 ms."""
        if "cue" not in terms:
            return {"ms": 0}
        cue, relay = Cue(str(terms.get("cue"))), terms.get("relay") is True
        score = rehearsed(scores[cue], relay=relay)
        log.info("event=lamp-test cue=%s relay=%s", cue, relay)
        play(score)
        return {"ms": length_ms(score)}

    return lights
