"""``./setup.sh bench decode``: naive pyzbar and the gate's decoder on the same pictures, side by side.

Naive is ``pyzbar.decode(frame)``. Ours is `device.decoder.still_reader` on single pictures and
`device.decoder.stream_reader` on frames in order. Times are ratios to naive of the same run: milliseconds
of one machine say nothing about another.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from pathlib import Path

from device.decoder import still_reader, stream_reader
from device.decoder.engines import Engine, naive_pyzbar
from device.decoder.selftest import fit_engines
from device.errors import ConfigurationError
from tests.bench import decode_hostile as hostile
from tests.bench import decode_photos as photos
from tests.bench import decode_scenes as scenes
from tests.bench.decode_bare import read_bare
from tests.bench.decode_measure import Read, Step, Tally, read_empty, read_shots, read_visits
from tests.bench.decode_plot import draw
from tests.bench.decode_report import NAIVE, OURS, Figures, as_json, as_table
from tests.bench.decode_texts import memory_growth, read_texts
from tests.bench.progress import Progress

_RUN_IN = 15
"""Frames after which a still picture counts as still: the tries have had their turn."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench decode`` takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = photos.FORMAT
    parser.add_argument("--photos", type=Path, metavar="DIR", help="measure on a folder of photos instead; see below")
    parser.add_argument("--seed", type=int, default=1, help="of everything drawn at random (default 1)")
    parser.add_argument("--frames", type=_count, default=10, metavar="N", help="pictures of each kind (default 10)")
    parser.add_argument("--visits", type=_count, default=10, metavar="N", help="visitors who walk up (default 10)")
    parser.add_argument("--texts", type=_count, default=500, metavar="N", help="Vietnamese payloads (default 500)")
    parser.add_argument(
        "--decodes", type=_count, default=2000, metavar="N", help="decodes to watch memory over (default 2000)"
    )
    parser.add_argument(
        "--hostile", type=_count, default=6, metavar="N", help="frames of each kind and way made to be dear (default 6)"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw read rate against pixels a module")


def _count(text: str) -> int:
    """Read a count; 0 leaves that part out."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("write 0 or a whole number above it")
    return number


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; 0 unless the photos or the plot's file cannot be used."""
    try:
        taken = photos.photos_in(arguments.photos) if arguments.photos is not None else []
        if arguments.plot is not None:
            arguments.plot.touch()  # a plot that cannot be written is told before the minutes of measuring
    except (ConfigurationError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    figures = measure_photos(taken, arguments.seed) if taken else measure(arguments)
    if arguments.plot is not None and figures.sweep:
        title = f"Citizen cards read, seed {arguments.seed}"
        arguments.plot.write_text(draw(figures.curves(), title), encoding="utf-8")
    print(json.dumps(as_json(figures), ensure_ascii=False) if arguments.json else as_table(figures))
    return 0


def measure_photos(taken: list[photos.Photo], seed: int) -> Figures:
    """Measure on photos."""
    progress = Progress(len(taken))
    readers: dict[str, Read] = {NAIVE: naive_pyzbar(), OURS: still_reader()}
    engines = _engines() | {NAIVE: naive_pyzbar()}
    figures = Figures(seed, photos=photos.read_photos(readers, engines, taken, progress.step))
    progress.end()
    return figures


def measure(arguments: argparse.Namespace) -> Figures:
    """Measure on rendered scenes; a part with the count 0 is left out."""
    seed, per_kind = arguments.seed, arguments.frames
    empty_frames = 4 * per_kind + _RUN_IN if per_kind else 0
    pictures = (len(scenes.KINDS) + len(scenes.SWEEP_PX)) * per_kind
    visiting = 15 * arguments.visits  # a visit costs as much as so many pictures
    dear = 2 * len(hostile.KINDS) * len(hostile.WAYS) * len(hostile.SHARES) * arguments.hostile
    progress = Progress(dear + pictures + 2 * empty_frames + visiting + arguments.texts // 10 + arguments.decodes // 20)
    single: dict[str, Read] = {NAIVE: naive_pyzbar(), OURS: still_reader()}
    figures = Figures(seed)
    if per_kind:
        figures.kinds = read_shots(single, list(scenes.shots(seed, per_kind)), progress.step)
        _sweep(figures, single, per_kind, progress.step)
        figures.bare = read_bare({NAIVE: naive_pyzbar(), **_engines()}, stream_reader, OURS, 480, lambda: None)
        in_order = {NAIVE: naive_pyzbar(), OURS: stream_reader()}
        moving, still = (scenes.empty(seed, empty_frames, moving=moving) for moving in (True, False))
        figures.moving = read_empty(in_order, moving, progress.step, run_in=_RUN_IN)
        figures.still = read_empty(in_order, still, progress.step, run_in=_RUN_IN)
    if arguments.hostile:
        _hostile(figures, arguments.hostile, progress.step)
    if arguments.visits:
        readers = {NAIVE: naive_pyzbar(), **_engines(), OURS: stream_reader()}
        figures.walks = read_visits(readers, scenes.visits(seed, arguments.visits), _every(progress.step, times=15))
    if arguments.texts:
        readers = {NAIVE: naive_pyzbar(), **_engines(), "ours, the whole chain": still_reader()}
        figures.texts = read_texts(readers, arguments.texts, seed, _each(progress.step, 10))
    if arguments.decodes:
        figures.decodes = arguments.decodes
        figures.grown_bytes = memory_growth(still_reader(), arguments.decodes, seed, _each(progress.step, 20))
    progress.end()
    return figures


def _hostile(figures: Figures, count: int, step: Step) -> None:
    """Show each kind in every way to a new decoder, and take the ways of a kind together."""
    for kind in hostile.KINDS:
        for inverted in (False, True):
            tallies = figures.hostile.setdefault(kind, {NAIVE: Tally(), OURS: Tally()})
            for way, share in itertools.product(hostile.WAYS, hostile.SHARES):
                readers = {NAIVE: naive_pyzbar(), OURS: stream_reader()}
                shown = hostile.frames(kind, way, count, share=share, inverted=inverted)
                found = read_empty(readers, shown, step)
                for name, tally in found.items():
                    tallies[name].add(tally)
                figures.dearest = max(figures.dearest, found[OURS].mean_ms / found[NAIVE].mean_ms)


def _sweep(figures: Figures, readers: dict[str, Read], per_step: int, step: Step) -> None:
    by_size: dict[float, list[scenes.Shot]] = {}
    for shot in scenes.sweep(figures.seed, per_step):
        by_size.setdefault(shot.scene.pose.module_px, []).append(shot)
    for module_px, shots in by_size.items():
        (figures.sweep[module_px],) = read_shots(readers, shots, step).values()


def _engines() -> dict[str, Read]:
    """Return each engine run plainly on the whole picture."""
    return {name: _plainly(engine) for name, engine in fit_engines()[0].items()}


def _plainly(engine: Engine) -> Read:
    return lambda luma: [symbol.payload for symbol in engine.read(luma).symbols]


def _every(step: Step, *, times: int) -> Step:
    """Return a step that counts several times."""

    def several() -> None:
        for _ in range(times):
            step()

    return several


def _each(step: Step, count: int) -> Step:
    """Return a step that counts only each *count*-th time."""
    taken = 0

    def some() -> None:
        nonlocal taken
        taken += 1
        if taken % count == 0:
            step()

    return some
