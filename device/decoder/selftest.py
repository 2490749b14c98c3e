"""Self-test of the QR engines at every start: does an engine return the exact bytes of a known code?

The shipped picture holds a code with every Vietnamese letter. An engine that guesses code pages
(libzbar without its binary setting) or was built without QR codes fails it and must not run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from device.decoder.engines import Engine, Zbar, Zxing
from device.errors import DecoderUnfit
from device.words import say

if TYPE_CHECKING:
    from device.model import Luma

PICTURE = Path(__file__).with_name("selftest.pgm")
TEXT = Path(__file__).with_name("selftest.txt")
_PGM_HEADER = re.compile(rb"P5\s+([1-9]\d{0,4})\s+([1-9]\d{0,4})\s+255\s")

Makers = Iterable[tuple[str, Callable[[], Engine]]]
ENGINES: tuple[tuple[str, Callable[[], Engine]], ...] = (("zxing", Zxing), ("zbar", Zbar))
"""The engines there are, by name, the better one first."""


def read_pgm(path: Path) -> Luma:
    """Read a binary PGM file (P5, 8 bits, no comments) as an H×W plane.

    Raises `DecoderUnfit` when it cannot be read or is no such file: the installation is damaged.
    """
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise DecoderUnfit(say("{path}: the self-test picture cannot be read; install again", path=path)) from problem
    header = _PGM_HEADER.match(raw)
    if header is None or len(raw) - header.end() != int(header[1]) * int(header[2]):
        raise DecoderUnfit(say("{path}: the self-test picture is damaged; install again", path=path))
    return np.frombuffer(raw, np.uint8, offset=header.end()).reshape(int(header[2]), int(header[1]))


def why_unfit(engine: Engine, picture: Luma, text: bytes) -> str | None:
    """Let *engine* read the self-test picture; ``None`` when it gives exactly *text*, else what it did wrong."""
    payloads = [symbol.payload for symbol in engine.read(picture).symbols]
    if payloads == [text]:
        return None
    if not payloads:
        return say("{name} does not read the self-test picture", name=engine.name)
    return say("{name} changes the text of the self-test picture", name=engine.name)


def fit_engines(makers: Makers = ENGINES) -> tuple[dict[str, Engine], tuple[str, ...]]:
    """Make the engines that are installed and pass the self-test.

    Returns:
        The fit engines by name, best first, and one line for each that was left out, for the
        health report.

    Raises:
        DecoderUnfit: not one engine is left, or the self-test picture is damaged.
    """
    picture = read_pgm(PICTURE)
    try:
        text = TEXT.read_bytes()
    except OSError as problem:
        raise DecoderUnfit(say("{path}: the self-test text is missing; install again", path=TEXT)) from problem
    fit: dict[str, Engine] = {}
    left_out = []
    for name, make in makers:
        try:
            engine = make()
        except ImportError as problem:
            left_out.append(say("{name} is not installed ({why})", name=name, why=problem))
            continue
        reason = why_unfit(engine, picture, text)
        if reason is None:
            fit[name] = engine
        else:
            left_out.append(reason)
    if not fit:
        raise DecoderUnfit(say("no engine can read QR codes here: {why}", why="; ".join(left_out)))
    return fit, tuple(left_out)
