"""Lamp test (`gate-scanner lights`): cues played because a person wants to see them, by the running gate or without.

A visitor's cue cuts a lamp test off, as it cuts off any other; a lamp test waits while one holds the relay. The relay
stays as it is unless root asks for it: a door must not open, or close, because somebody tries the lamps, or because a
program of the gate's own user does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from device.errors import AskerRefused
from device.model import Beat, Cue, Output, Pattern
from device.words import say

LONGEST_MS: Final = 6_000
"""Of a cue that goes on for longer, so much is shown."""

log = logging.getLogger(__name__)


def lamp_test_pattern(pattern: Pattern, *, relay: bool) -> Pattern:
    """Return what is played of a pattern: once, for `LONGEST_MS` at most, without the relay unless *relay* is set."""
    beats: list[Beat] = []
    left_ms = LONGEST_MS
    for beat in pattern.beats:
        if left_ms <= 0:
            break
        beats.append(Beat(beat.outputs if relay else beat.outputs - {Output.RELAY}, min(beat.ms, left_ms)))
        left_ms -= beat.ms
    return Pattern(tuple(beats))


def length_ms(pattern: Pattern) -> int:
    """Return how long one pass of a pattern takes, in milliseconds."""
    return sum(beat.ms for beat in pattern.beats)


def lamp_test(
    play: Callable[[Pattern], bool], patterns: Mapping[Cue, Pattern]
) -> Callable[[Mapping[str, object]], object]:
    """Return the running gate's answer to `gate-scanner lights`.

    Args:
        play: plays a pattern once and returns at once; ``False``: not now.
        patterns: of every cue.
    """

    def lights(terms: Mapping[str, object]) -> object:
        """Play ``cue``, and the relay with it when root asks for ``relay``; say how long it takes.

        Without a cue: nothing, 0 ms.
        """
        if "cue" not in terms:
            return {"ms": 0}
        cue, relay = Cue(str(terms.get("cue"))), terms.get("relay") is True
        if relay and terms.get("asker_uid") != 0:
            raise AskerRefused(say("only root may let the gate hold the relay: sudo gate-scanner lights … --relay"))
        pattern = lamp_test_pattern(patterns[cue], relay=relay)
        if not play(pattern):
            raise AskerRefused(say("somebody is being let in: try again in a few seconds"))
        log.info("event=lamp-test cue=%s relay=%s", cue, relay)
        return {"ms": length_ms(pattern)}

    return lights
