"""What a pattern looks and sounds like, in words: made from its beats, so that words and lamps cannot differ.

A pattern is cut into blinks, and the blinks into groups where the pause between two is clearly longer than the
others. What is called short or long is what a person at the door takes for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from device.model import Beat, Output, Pattern
from device.words import number, say, sentence

_LAMPS: Final = (Output.GREEN, Output.RED, Output.AMBER)
_MANY: Final = 5
"""Blinks that nobody counts."""

_WINK_MS: Final = 80
_SHORT_MS: Final = 250
_LONG_MS: Final = 500
_TICK_MS: Final = 80
_SHORT_BEEP_MS: Final = 150
_TONE_MS: Final = 700
_CLEARLY_LONGER: Final = 1.4
_NUMBERS: Final = {
    2: sentence("two"),
    3: sentence("three"),
    4: sentence("four"),
    5: sentence("five"),
    6: sentence("six"),
    7: sentence("seven"),
    8: sentence("eight"),
    9: sentence("nine"),
    10: sentence("ten"),
}
_COLOURS: Final = {
    Output.GREEN: sentence("green"),
    Output.RED: sentence("red"),
    Output.AMBER: sentence("amber"),
}
_WINKS: Final = sentence("one {lamp} wink"), sentence("{number} {lamp} winks")
_SHORT: Final = sentence("one short {lamp} blink"), sentence("{number} short {lamp} blinks")
_PLAIN: Final = sentence("one {lamp} blink"), sentence("{number} {lamp} blinks")
_LONG: Final = sentence("one long {lamp} blink"), sentence("{number} long {lamp} blinks")
_TICKS: Final = sentence("one tick"), sentence("{number} ticks")
_SHORT_BEEPS: Final = sentence("one short beep"), sentence("{number} short beeps")
_BEEPS: Final = sentence("one beep"), sentence("{number} beeps")
_TONES: Final = sentence("one long tone"), sentence("{number} long tones")


@dataclass(frozen=True, slots=True)
class _Lit:
    """Something that is on for a while, lamps or the buzzer, and for how long nothing is afterwards."""

    what: tuple[Output, ...]
    on_ms: int
    off_ms: int


def look_of(pattern: Pattern, wired: Collection[Output]) -> str:
    """Say what people see and hear of a pattern, in a few words; the relay is left out.

    Args:
        pattern: as it is played.
        wired: the outputs that are there; what is not there is not told.
    """
    blinks = _lit(pattern.beats, [lamp for lamp in _LAMPS if lamp in wired])
    beeps = _lit(pattern.beats, [output for output in (Output.BUZZER,) if output in wired])
    unbroken = pattern.repeats and _is_unbroken(blinks)
    seen, heard = _unbroken(blinks) if unbroken else _seen(blinks), _heard(beeps)
    if pattern.repeats and (beeps or not unbroken):
        seconds = _seconds(sum(beat.ms for beat in pattern.beats))
        if unbroken:
            heard = say("{look} every {seconds} s", look=heard, seconds=seconds)
        elif heard or "," in seen:
            look = ", ".join(filter(None, (seen, heard)))
            return say("{look}, every {seconds} s", look=look, seconds=seconds)
        else:
            seen = say("{look} every {seconds} s", look=seen, seconds=seconds)
    return ", ".join(filter(None, (seen, heard))) or say("nothing is seen or heard")


def _lit(beats: Iterable[Beat], outputs: Sequence[Output]) -> list[_Lit]:
    """Return when any of *outputs* is on."""
    found: list[_Lit] = []
    for what, run in groupby(beats, lambda beat: tuple(output for output in outputs if output in beat.outputs)):
        ms = sum(beat.ms for beat in run)
        if what:
            found.append(_Lit(what, ms, 0))
        elif found:
            found[-1] = _Lit(found[-1].what, found[-1].on_ms, ms)
    return found


def _is_unbroken(blinks: Sequence[_Lit]) -> bool:
    """Return whether the blinks go on without a pause by which one pass is told from the next."""
    return (
        len(set(blinks)) == 1
        and (len(blinks) == 1 or len(blinks) >= _MANY)
        and blinks[0].off_ms <= _CLEARLY_LONGER * blinks[0].on_ms
    )


def _unbroken(blinks: Sequence[_Lit]) -> str:
    lamp, on_ms, off_ms = _lamp(blinks[0].what), blinks[0].on_ms, blinks[0].off_ms
    if off_ms == 0:
        return say("{lamp} all the time", lamp=lamp)
    if on_ms <= _SHORT_MS:
        return say("{lamp} blinks fast", lamp=lamp)
    return say("{lamp} {on} s on, {off} s off", lamp=lamp, on=_seconds(on_ms), off=_seconds(off_ms))


def _seen(blinks: Sequence[_Lit]) -> str:
    told = []
    for group, same in groupby(_groups(blinks)):
        words, count = _then(list(_runs(group))), len(list(same))
        if count == 2:
            words = say("{look}, twice", look=words)
        elif count > 2:
            words = say("{look}, {number} times", look=words, number=_number(count))
        told.append(words)
    return _then(told)


def _then(looks: Sequence[str]) -> str:
    told = "".join(looks[:1])
    for look in looks[1:]:
        told = say("{first}, then {second}", first=told, second=look)
    return told


def _groups(blinks: Sequence[_Lit]) -> Iterator[tuple[tuple[tuple[Output, ...], int], ...]]:
    """Yield the groups: of each blink what is lit, and for how long."""
    least_ms = min((blink.off_ms for blink in blinks[:-1]), default=0)
    group = []
    for blink in blinks:
        group.append((blink.what, blink.on_ms))
        if blink.off_ms > _CLEARLY_LONGER * least_ms:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)


def _runs(group: Iterable[tuple[tuple[Output, ...], int]]) -> Iterator[str]:
    for (what, on_ms), run in groupby(group):
        lamp, count = _lamp(what), len(list(run))
        if count >= _MANY and on_ms <= _WINK_MS:
            yield say("quick {lamp} flicker", lamp=lamp)
        elif count == 1 and on_ms >= _LONG_MS:
            yield say("{lamp} for {seconds} s", lamp=lamp, seconds=_seconds(on_ms))
        else:
            yield _counted(count, _blink(on_ms), lamp)


def _blink(on_ms: int) -> tuple[str, str]:
    if on_ms <= _WINK_MS:
        return _WINKS
    if on_ms <= _SHORT_MS:
        return _SHORT
    return _PLAIN if on_ms < _LONG_MS else _LONG


def _heard(beeps: Sequence[_Lit]) -> str:
    return ", ".join(_counted(len(list(run)), sound) for sound, run in groupby(_sound(beep.on_ms) for beep in beeps))


def _sound(on_ms: int) -> tuple[str, str]:
    if on_ms <= _TICK_MS:
        return _TICKS
    if on_ms <= _SHORT_BEEP_MS:
        return _SHORT_BEEPS
    return _BEEPS if on_ms < _TONE_MS else _TONES


def _lamp(what: tuple[Output, ...]) -> str:
    told = say(_COLOURS[what[0]])
    for output in what[1:]:
        told = say("{first} and {second}", first=told, second=say(_COLOURS[output]))
    return told


def _counted(count: int, things: tuple[str, str], lamp: str = "") -> str:
    return say(things[0], lamp=lamp) if count == 1 else say(things[1], number=_number(count), lamp=lamp)


def _number(count: int) -> str:
    return say(_NUMBERS[count]) if count in _NUMBERS else str(count)


def _seconds(ms: int) -> str:
    return number(round(ms / 1000, 1), "g")
