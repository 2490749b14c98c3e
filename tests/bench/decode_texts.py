"""Whether texts come back letter for letter, and whether decoding fills the memory."""

from __future__ import annotations

import ctypes
import gc
import os
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from device.demo.scenes.codes import modules
from device.demo.scenes.people import corpus
from tests.bench.decode_measure import Read, Step, Tallies, Tally
from tests.bench.decode_scenes import SWEEP_SIZE, Shot, sweep

if TYPE_CHECKING:
    from device.model import Luma

_MODULE_PX = 4
_QUIET_MODULES = 4
_RUN_IN = 1000

_LIBC = ctypes.CDLL(None)


def flat(payload: bytes) -> Luma:
    """Return the code of *payload* as a perfect picture: what goes wrong there goes wrong everywhere."""
    dark = np.pad(modules(payload), _QUIET_MODULES)
    return np.where(dark, 0, 255).astype(np.uint8).repeat(_MODULE_PX, 0).repeat(_MODULE_PX, 1)


def read_texts(readers: dict[str, Read], count: int, seed: int, step: Step) -> Tallies:
    """Let each decoder read *count* random Vietnamese citizen cards from perfect pictures."""
    tallies: Tallies = {name: Tally() for name in readers}
    for payload in corpus(count, seed):
        luma = flat(payload)
        for name, read in readers.items():
            tallies[name].judge(read(luma), payload.__eq__)
        step()
    return tallies


def memory_growth(read: Read, decodes: int, seed: int, step: Step) -> int:
    """Decode *decodes* pictures, readable ones and others; return by how many bytes the process has grown.

    What the first 1,000 (of fewer than 2,000: the first half) take is left out: caches and pools fill.
    """
    pictures = [_spoilt(shot) if n % 3 == 2 else shot.luma() for n, shot in enumerate(islice(sweep(seed, 2), 24))]
    begin = _resident()
    for number, luma in enumerate(islice(cycle(pictures), decodes)):
        if number == min(_RUN_IN, decodes // 2):
            begin = _resident()
        read(luma)
        step()
    return _resident() - begin


def _spoilt(shot: Shot) -> Luma:
    """Paint over part of the picture, so that a code is found and cannot be read."""
    luma = shot.luma()
    luma[SWEEP_SIZE[1] // 2 :: 7] = 128
    return luma


def _resident() -> int:
    """Return what is resident, in bytes, without what the heap keeps for later: growth must not hide in that."""
    gc.collect()
    if hasattr(_LIBC, "malloc_trim"):  # glibc
        _LIBC.malloc_trim(0)
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
