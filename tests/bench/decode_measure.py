"""Reading the same pictures with several decoders in turn, on one thread, and counting what each makes of them.

Time is the thread's own processor time (`time.thread_time`), so that other processes do not count. Every
picture is read by all of them before the next one, in an order that turns, so that what is left of the
machine's noise hits all alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.bench.decode_scenes import Shot, Visit

if TYPE_CHECKING:
    from device.model import Luma

Read = Callable[["Luma"], list[bytes]]
"""A decoder: one plane (H×W uint8) to the payloads in it."""
Step = Callable[[], None]
"""Told after each picture."""


@dataclass(slots=True)
class Tally:
    """What one decoder made of a set of pictures.

    Attributes:
        pictures: how many there were.
        read: of how many it gave the exact payload.
        wrong: how many of its texts are not what the code in the picture says.
        false: how many texts it gave for pictures without a code.
        cpu_ms: its processor time for each picture.
    """

    pictures: int = 0
    read: int = 0
    wrong: int = 0
    false: int = 0
    cpu_ms: list[float] = field(default_factory=list)

    def judge(self, payloads: list[bytes], right: Callable[[bytes], bool] | None) -> bool:
        """Take in one picture; *right* knows its code, ``None`` where there is none. ``True`` when it was read."""
        self.pictures += 1
        if right is None:
            self.false += len(payloads)
            return False
        exact = [payload for payload in payloads if right(payload)]
        self.wrong += len(payloads) - len(exact)
        self.read += bool(exact)
        return bool(exact)

    def add(self, other: Tally) -> None:
        """Take over all of another one."""
        self.pictures += other.pictures
        self.read += other.read
        self.wrong += other.wrong
        self.false += other.false
        self.cpu_ms += other.cpu_ms

    @property
    def rate(self) -> float:
        """The share that was read; 0 of nothing."""
        return self.read / self.pictures if self.pictures else 0.0

    @property
    def mean_ms(self) -> float:
        """Mean processor time; 0 of nothing."""
        return sum(self.cpu_ms) / len(self.cpu_ms) if self.cpu_ms else 0.0


Tallies = dict[str, Tally]
"""By the decoder's name."""


def in_turn(readers: dict[str, Read], planes: Iterable[Luma]) -> Iterator[dict[str, tuple[list[bytes], float]]]:
    """Yield for each picture what each decoder read, and its processor time in milliseconds."""
    names = list(readers)
    for number, luma in enumerate(planes):
        found = {}
        for name in names[number % len(names) :] + names[: number % len(names)]:
            began_s = time.thread_time()
            payloads = readers[name](luma)
            found[name] = payloads, (time.thread_time() - began_s) * 1000
        yield found


def read_shots(readers: dict[str, Read], shots: list[Shot], step: Step) -> dict[str, Tallies]:
    """Read single pictures; return the tallies by kind of picture."""
    by_kind: dict[str, Tallies] = {}
    results = in_turn(readers, (shot.luma() for shot in shots))
    for shot, found in zip(shots, results, strict=True):
        tallies = by_kind.setdefault(shot.kind, {name: Tally() for name in readers})
        right = None if shot.scene.payload is None else shot.scene.payload.__eq__
        for name, (payloads, ms) in found.items():
            tallies[name].cpu_ms.append(ms)
            tallies[name].judge(payloads, right)
        step()
    return by_kind


def read_empty(readers: dict[str, Read], planes: Iterable[Luma], step: Step, *, run_in: int = 0) -> Tallies:
    """Read frames without a code in order; the time of the first *run_in* does not count."""
    tallies: Tallies = {name: Tally() for name in readers}
    for number, found in enumerate(in_turn(readers, planes)):
        for name, (payloads, ms) in found.items():
            tallies[name].judge(payloads, None)
            if number >= run_in:
                tallies[name].cpu_ms.append(ms)
        step()
    return tallies


@dataclass(slots=True)
class Walks:
    """What one decoder made of visitors who walk up.

    Attributes:
        visits: how many came.
        who: the numbers of those that were read exactly.
        wrong: texts that are not what the visitor's code says.
        frames: for each visitor the number of the first frame that was read, counted from 1; all frames
            of the visit where none was.
        cpu_ms: processor time for each frame.
    """

    visits: int = 0
    who: set[int] = field(default_factory=set)
    wrong: int = 0
    frames: list[int] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many were read exactly."""
        return len(self.who)

    @property
    def mean_frames(self) -> float:
        """Mean frames to read; 0 of nothing."""
        return sum(self.frames) / len(self.frames) if self.frames else 0.0


def read_visits(readers: dict[str, Read], visits: Iterable[Visit], step: Step) -> dict[str, Walks]:
    """Read visits frame by frame, each until every decoder has read it or it is over."""
    walks = {name: Walks() for name in readers}
    for visitor, visit in enumerate(visits):
        first: dict[str, int] = {}
        for number, found in enumerate(in_turn(readers, visit.frames()), start=1):
            for name, (payloads, ms) in found.items():
                walks[name].cpu_ms.append(ms)
                right = payloads.count(visit.approach.payload)
                walks[name].wrong += len(payloads) - right
                if right:
                    first.setdefault(name, number)
            if len(first) == len(readers):
                break
        for name, walk in walks.items():
            walk.visits += 1
            if name in first:
                walk.who.add(visitor)
            walk.frames.append(first.get(name, len(visit.approach)))
        step()
    return walks
