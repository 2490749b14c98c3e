"""``./setup.sh bench lists``: what a list of people costs a gate, in memory and in time.

A child process does what a gate does with a published list: it takes the bundle in piece by piece, checks it, looks it
through and asks it. Its own memory is read from the kernel, before and after, and at its highest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from device.crypto.signing import SigningKey
from device.errors import GateScannerError
from device.wire.bundle import CONTENT_MOST_BYTES, MOST_ENTRIES, BundleKind, Head, Incoming, sign_head
from device.wire.people_list import KEY_BYTES, PeopleList, digest_of, encode_people
from tests.support.children import python_module

MEMORY_GOAL_MB = 64
_PIECE_BYTES = 64 * 1024
_ASKED = 400
"""Real numbers that are on a list, and as many that are not. The rest of a list are digests of nobody: to ask does not
tell them apart, and a million real ones take a quarter of an hour."""
_SEARCHED = 500
_FIRST = 10**11


@dataclass(frozen=True, slots=True)
class ListFigures:
    """What one list came to.

    Attributes:
        entries: numbers in it.
        download_bytes: of the whole bundle.
        held_mb: by how much the process grew.
        peak_mb: by how much at its highest.
        taken_in_ms: signature, hash, order, directory.
        longest_turn_ms: the longest time in which no other thread could run, as far as pauses tell.
        asked_us: one question, median over people who are on it and people who are not.
        asked_p99_us: the same, 99th percentile.
        tried_a_second: numbers that a thief who has the list tries on one core of this machine, by processor time.
        wrong: questions with a wrong answer.
    """

    entries: int
    download_bytes: int
    held_mb: float
    peak_mb: float
    taken_in_ms: float
    longest_turn_ms: float
    asked_us: float
    asked_p99_us: float
    tried_a_second: int
    wrong: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench lists`` takes."""
    parser.add_argument(
        "--entries", type=int, default=MOST_ENTRIES, help=f"of the large list (default and most {MOST_ENTRIES})"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON a list")


def run(arguments: argparse.Namespace) -> int:
    """Measure a small list and a large one, print; 0, or 1 when a figure misses its goal."""
    large = min(max(arguments.entries, 1_000), MOST_ENTRIES)
    figures = [measure(entries) for entries in (1_000, large)]
    for one in figures:
        print(json.dumps(asdict(one)) if arguments.json else _told(one))
    return 1 if any(one.wrong or one.peak_mb > MEMORY_GOAL_MB for one in figures) else 0


def measure(entries: int) -> ListFigures:
    """Publish a list of *entries* invented numbers and let a child take it in."""
    root = SigningKey.new()
    key = secrets.token_bytes(KEY_BYTES)
    real = [digest_of(key, _number(index)) for index in range(min(_ASKED, entries))]
    content = encode_people(key, [*real, *(secrets.randbits(64) for _ in range(entries - len(real)))])
    head = Head(BundleKind.WATCH_LIST, 1, 0, 1, len(content), hashlib.sha256(content).digest())
    assert len(content) <= CONTENT_MOST_BYTES[BundleKind.WATCH_LIST]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list"
        file.write_bytes(sign_head(head, root) + content)
        command = [*python_module("tests.bench.lists"), str(file), root.public.hex(), str(entries)]
        done = subprocess.run(command, env={}, capture_output=True, check=False)
    if done.returncode != 0:
        raise GateScannerError("the child that takes the list in has failed")
    return ListFigures(**json.loads(done.stdout))


def _take_in(file: Path, root: bytes, entries: int) -> ListFigures:
    """Do what a gate does; in the child."""
    before_kb = _memory_kb("VmRSS")
    began_s = time.perf_counter()
    turns = [began_s]
    incoming = Incoming([root])
    with file.open("rb") as source:
        while piece := source.read(_PIECE_BYTES):
            incoming.feed(piece)
            turns.append(time.perf_counter())
    people = PeopleList(incoming.whole().content, lambda: turns.append(time.perf_counter()))
    del incoming
    taken_in_s = time.perf_counter() - began_s
    peak_kb, held_kb = _memory_kb("VmHWM"), _memory_kb("VmRSS")
    real = min(_ASKED, entries)
    taken_us: list[float] = []
    wrong = 0
    for index in range(2 * real):
        key = (_number(index),)
        asked_ns = time.perf_counter_ns()
        found = people.holds(key)
        taken_us.append((time.perf_counter_ns() - asked_ns) / 1_000)
        wrong += found != (index < real)
    began_cpu_s = time.process_time()
    for index in range(_SEARCHED):
        digest_of(bytes(KEY_BYTES), _number(index))
    searched_s = time.process_time() - began_cpu_s
    return ListFigures(
        entries=len(people),
        download_bytes=file.stat().st_size,
        held_mb=round((held_kb - before_kb) / 1024, 1),
        peak_mb=round((peak_kb - before_kb) / 1024, 1),
        taken_in_ms=round(taken_in_s * 1000, 1),
        longest_turn_ms=round(max(b - a for a, b in pairwise(turns)) * 1000, 2),
        asked_us=round(statistics.median(taken_us), 2),
        asked_p99_us=round(sorted(taken_us)[len(taken_us) * 99 // 100], 2),
        tried_a_second=round(_SEARCHED / searched_s),
        wrong=wrong,
    )


def _number(index: int) -> str:
    return f"citizen:{_FIRST + index}"


def _memory_kb(what: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{what}:"))


def _told(one: ListFigures) -> str:
    good = "ok" if one.peak_mb <= MEMORY_GOAL_MB and not one.wrong else "MISSED"
    return (
        f"list of {one.entries}: {one.download_bytes / 1e6:.1f} MB, taken in within {one.taken_in_ms:.0f} ms "
        f"(longest turn {one.longest_turn_ms:.1f} ms); memory {one.held_mb:.1f} MB, at most {one.peak_mb:.1f} MB, "
        f"goal {MEMORY_GOAL_MB} MB; one question p50 {one.asked_us:.1f} us, p99 {one.asked_p99_us:.1f} us; "
        f"a thief tries {one.tried_a_second} numbers a second and core; "
        f"{one.wrong} wrong answers: {good}"
    )


if __name__ == "__main__":
    print(json.dumps(asdict(_take_in(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3])))))
