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
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


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
        every = f"every {_seconds(sum(beat.ms for beat in pattern.beats))} s"
        if heard:
            heard = f"{heard} {every}" if unbroken else f"{heard}, {every}"
        else:
            seen = f"{seen}, {every}" if "," in seen else f"{seen} {every}"
    return ", ".join(filter(None, (seen, heard))) or "nothing is seen or heard"


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
    lamp, on_ms, off_ms = _lamp(blinks[0]), blinks[0].on_ms, blinks[0].off_ms
    if off_ms == 0:
        return f"{lamp} all the time"
    return f"{lamp} blinks fast" if on_ms <= _SHORT_MS else f"{lamp} {_seconds(on_ms)} s on, {_seconds(off_ms)} s off"


def _seen(blinks: Sequence[_Lit]) -> str:
    told = []
    for group, same in groupby(_groups(blinks)):
        words, count = ", then ".join(_runs(group)), len(list(same))
        told.append(words if count == 1 else f"{words}, {_times(count)}")
    return ", then ".join(told)


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
            yield f"quick {lamp} flicker"
        elif count == 1 and on_ms >= _LONG_MS:
            yield f"{lamp} for {_seconds(on_ms)} s"
        else:
            yield _counted(count, f"{_length(on_ms)}{lamp} {'wink' if on_ms <= _WINK_MS else 'blink'}")


def _length(on_ms: int) -> str:
    if _WINK_MS < on_ms <= _SHORT_MS:
        return "short "
    return "long " if on_ms >= _LONG_MS else ""


def _heard(beeps: Sequence[_Lit]) -> str:
    return ", ".join(_counted(len(list(run)), sound) for sound, run in groupby(_sound(beep.on_ms) for beep in beeps))


def _sound(on_ms: int) -> str:
    if on_ms <= _TICK_MS:
        return "tick"
    if on_ms <= _SHORT_BEEP_MS:
        return "short beep"
    return "beep" if on_ms < _TONE_MS else "long tone"


def _lamp(what: tuple[Output, ...] | _Lit) -> str:
    return " and ".join(what.what if isinstance(what, _Lit) else what)


def _counted(count: int, thing: str) -> str:
    return f"{_NUMBERS[count] if count < len(_NUMBERS) else count} {thing}{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{_NUMBERS[count] if count < len(_NUMBERS) else count} times"


def _seconds(ms: int) -> str:
    return f"{round(ms / 1000, 1):g}"
