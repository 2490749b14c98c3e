"""``./setup.sh bench poster``: how long a hub takes for a poster as PDF, a sign and a notice, once it has started."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from device.hub.printing.poster import PosterFacts, poster
from device.hub.printing.sign import RecordingFacts, notice, sign
from device.hub.registry.payload import poster_payload

TIMES: Final = 50
GOAL_MS: Final = 100.0
_NAME: Final = "Trường Trung học phổ thông Hoa Phượng"
_ID: Final = "0123456789abcdef01234567"
_POSTER: Final = PosterFacts(_NAME, "Cổng chính", 2, date(2026, 11, 30), _ID, poster_payload(_ID, None))
_FACTS: Final = RecordingFacts(_NAME, _NAME, "", 21, "Nguyễn Văn Thử, 0912 345 678", "Quyết định số 12/QĐ-UBND")


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds.

    Attributes:
        first: the first poster of a process, which reads the font.
        poster: a poster on A4, p50; so of the others.
        poster_most: the longest of them.
        sign: of a camera.
        notice: with its legal basis.
        kilobytes: of a poster's file.
    """

    first: float
    poster: float
    poster_most: float
    sign: float
    notice: float
    kilobytes: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench poster`` takes."""
    parser.add_argument("--times", type=int, default=TIMES, help=f"how often each is made (default {TIMES})")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when a poster takes less than was promised, 1 otherwise."""
    found = measure(arguments.times)
    if arguments.json:
        print(json.dumps(asdict(found)))
    else:
        print(f"a poster (A4, two pages, {found.kilobytes:.0f} kB): {found.poster:.1f} ms,")
        print(f"at most {found.poster_most:.1f};")
        print(f"the first of a process, which reads the font: {found.first:.1f} ms;")
        print(f"a sign {found.sign:.1f} ms, a notice {found.notice:.1f} ms")
    return 0 if max(found.first, found.poster) < GOAL_MS else 1


def measure(times: int) -> Figures:
    """Make each so often."""
    first = _taken(lambda: poster(_POSTER, "a4"))
    posters = [_taken(lambda: poster(_POSTER, "a4")) for _ in range(times)]
    signs = [_taken(lambda: sign(_FACTS, "a4")) for _ in range(times)]
    notices = [_taken(lambda: notice(_FACTS, "a4")) for _ in range(times)]
    return Figures(
        first,
        statistics.median(posters),
        max(posters),
        statistics.median(signs),
        statistics.median(notices),
        len(poster(_POSTER, "a4")) / 1000,
    )


def _taken(make: Callable[[], bytes]) -> float:
    began = time.perf_counter()
    make()
    return (time.perf_counter() - began) * 1000
