"""The thief: has a copy of a gate's state folder, the gate's software, and a list of everybody who may have come.

What is tried, each a figure by suspect:

* are there as many rows of the length that theirs would have as there are suspects with that length?
* do their name, numbers, code or body stand in any file, in any of the usual encodings, in free pages or the log?
* do the keys that lie in the folder open a row, and does it name them?
* would two rows have the same key stream if one were theirs (a cipher used twice with one key)?
* does what lies in a row resemble their body bit by bit (a weak cipher)?

How much each figure counts is learned (logistic regression) from evenings at a gate of the thief's own.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from device.crypto.sealing import unseal
from device.errors import WireError
from device.model import CheckIn, Person, SealedRow
from device.store.reading import LedgerReader
from tests.support.suspects import Suspect

Figures = npt.NDArray[np.float64]
_WINDOW: Final = 8
_OVERHEADS: Final = (48, 0)
_KEY: Final = re.compile(rb"[A-Za-z0-9+/]{43}=")


@dataclass(frozen=True, slots=True)
class Loot:
    """What the thief finds in the folder.

    Attributes:
        device_id: whose ledger.
        epoch: which.
        rows: the ledger's, in order.
        windows: every run of `_WINDOW` bytes in any file, as sorted numbers.
        secrets: whatever has the form of a key.
    """

    device_id: str
    epoch: str
    rows: tuple[SealedRow, ...]
    windows: npt.NDArray[np.uint64]
    secrets: tuple[bytes, ...]

    @classmethod
    def of(cls, folder: Path) -> Loot:
        """Look through every file under *folder*."""
        files = [content for path in sorted(folder.rglob("*")) if path.is_file() and (content := _content(path))]
        found = {base64.b64decode(text) for content in files for text in _KEY.findall(content)}
        with LedgerReader(next(folder.rglob("ledger.db")).parent) as reader:
            rows = tuple(reader.rows())
            windows = np.unique(np.concatenate([_windows(content) for content in files]))
            return cls(reader.device_id, reader.epoch, rows, windows, tuple(sorted(found)))


def figures(loot: Loot, suspects: Sequence[Suspect], body_of: Callable[[CheckIn], bytes]) -> Figures:
    """Return the thief's figures, one line a suspect.

    Args:
        loot: what was stolen.
        suspects: who may have come.
        body_of: how the software lays out what it seals.
    """
    bodies = [body_of(suspect.check_in) for suspect in suspects]
    columns = [
        _supply(loot.rows, bodies),
        _standing_there(loot, [texts_of(suspect) for suspect in suspects]),
        _standing_there(loot, [[body] for body in bodies]),
        _opened(loot, suspects),
        _key_streams(loot.rows, bodies),
        *_likeness(loot.rows, bodies),
    ]
    return np.column_stack(columns)


def texts_of(suspect: Suspect) -> list[bytes]:
    """Return what stands for somebody, as bytes, in the encodings in which it may stand in a file."""
    credential = suspect.check_in.credential
    assert credential is not None
    said = [text for name in Person.__slots__ if (text := getattr(credential.person, name)) and len(text) > _WINDOW]
    plain = [suspect.payload, *(text.encode() for text in said)]
    wide = [text.encode("utf-16-le") for text in said]
    hexadecimal = [text.hex().encode() for text in plain]
    shifted = [base64.b64encode(b"\0" * shift + text)[4:-4] for text in plain for shift in range(3)]
    return [text for text in (*plain, *wide, *hexadecimal, *shifted) if len(text) >= _WINDOW]


def _supply(rows: Sequence[SealedRow], bodies: Sequence[bytes]) -> Figures:
    """Rows by suspect of that length, for the overhead under which most rows can be somebody's."""
    lengths = Counter(len(row.sealed) for row in rows)
    wanted = [Counter(len(body) + overhead for body in bodies) for overhead in _OVERHEADS]
    matched = [sum(min(count, lengths[length]) for length, count in counts.items()) for counts in wanted]
    best = int(np.argmax(matched))
    counts, overhead = wanted[best], _OVERHEADS[best]
    return np.array([min(2.0, lengths[len(b) + overhead] / counts[len(b) + overhead]) for b in bodies])


def _windows(content: bytes) -> npt.NDArray[np.uint64]:
    """Return every run of `_WINDOW` bytes as a number, in order."""
    if len(content) < _WINDOW:
        return np.zeros(0, np.uint64)
    runs = np.lib.stride_tricks.sliding_window_view(np.frombuffer(content, np.uint8), _WINDOW)
    return runs.copy().view(np.uint64)[:, 0]


def _standing_there(loot: Loot, texts: Sequence[Sequence[bytes]]) -> Figures:
    """Return the largest share of one of somebody's texts that stands in a file, above what all have in common.

    Every text is at least `_WINDOW` bytes long.
    """
    every = [text for own in texts for text in own]
    runs = _windows(b"".join(every))
    at = np.searchsorted(loot.windows, runs).clip(max=len(loot.windows) - 1)
    hits = np.concatenate([[0], np.cumsum(loot.windows[at] == runs)])
    lengths = np.array([len(text) for text in every])
    starts = np.cumsum(lengths) - lengths
    shares = (hits[starts + lengths - _WINDOW + 1] - hits[starts]) / (lengths - _WINDOW + 1)
    whose = np.repeat(np.arange(len(texts)), [len(own) for own in texts])
    largest = np.zeros(len(texts))
    np.maximum.at(largest, whose, shares)
    return np.asarray(largest - largest.min(), float)


def _opened(loot: Loot, suspects: Sequence[Suspect]) -> Figures:
    """Count the rows that open with some key of the folder and name each suspect."""
    named: Counter[Person] = Counter()
    for secret in loot.secrets:
        for row in loot.rows:
            try:
                body = unseal(secret, loot.device_id, loot.epoch, row)
            except (WireError, ValueError):
                continue
            if body.credential is not None:
                named[body.credential.person] += 1
    return np.array([named[s.check_in.credential.person] if s.check_in.credential else 0 for s in suspects], float)


def _key_streams(rows: Sequence[SealedRow], bodies: Sequence[bytes]) -> Figures:
    """Return, for each suspect, how many rows and suspects would share one key stream if some row were theirs."""
    ciphered = _first(_after_key(rows), 7 * _WINDOW).view(np.uint64)[:, 6]  # past what all bodies begin with
    content = _first(bodies, 7 * _WINDOW).view(np.uint64)[:, 6]
    streams = ciphered[:, None] ^ content[None, :]
    _, back, times = np.unique(streams, return_inverse=True, return_counts=True)
    return np.asarray(times[back.reshape(streams.shape)].max(axis=0), float)


def _likeness(rows: Sequence[SealedRow], bodies: Sequence[bytes], most: int = 320) -> tuple[Figures, Figures]:
    """Return the highest and the lowest agreement of each suspect's body with a row, bit by bit."""
    ciphered, content = (2.0 * np.unpackbits(_first(b, most), axis=1) - 1 for b in (_after_key(rows), bodies))
    agreement = content.astype(np.float32) @ ciphered.astype(np.float32).T / most
    return agreement.max(axis=1).astype(float), agreement.min(axis=1).astype(float)


def _after_key(rows: Sequence[SealedRow]) -> list[bytes]:
    return [row.sealed[32:] for row in rows]


def _first(texts: Sequence[bytes], size: int) -> npt.NDArray[np.uint8]:
    """Return the first *size* bytes of each text, filled up with zeros."""
    return np.frombuffer(b"".join(text[:size].ljust(size, b"\0") for text in texts), np.uint8).reshape(-1, size)


@dataclass(frozen=True, slots=True)
class Learned:
    """What evenings of the thief's own have taught: how much each figure counts."""

    middle: Figures
    spread: Figures
    weights: Figures

    @classmethod
    def of(cls, known: Figures, came: npt.NDArray[np.bool_], steps: int = 300) -> Learned:
        """Fit a logistic regression with a little shrinkage, by gradient descent."""
        middle, spread = known.mean(axis=0), known.std(axis=0)
        spread[spread == 0] = 1.0
        scaled, weights = (known - middle) / spread, np.zeros(known.shape[1])
        target = came - came.mean()
        for _ in range(steps):
            guess = 1 / (1 + np.exp(-np.clip(scaled @ weights, -30, 30))) - 0.5
            weights += 0.5 * (scaled.T @ (target - guess) / len(target) - 0.01 * weights)
        return cls(middle, spread, weights)

    def guess(self, found: Figures) -> Figures:
        """Return how likely it seems that each came; higher is likelier."""
        return ((found - self.middle) / self.spread) @ self.weights


def area_under_curve(guess: Figures, came: npt.NDArray[np.bool_]) -> float:
    """Return how often somebody who came was guessed above somebody who did not; a tie is half (Mann-Whitney)."""
    there, away = guess[came], guess[~came]
    above = (there[:, None] > away[None, :]).mean()
    return float(above + (there[:, None] == away[None, :]).mean() / 2)


def learned_anyway(loot: Loot) -> dict[str, object]:
    """Return what the card does tell: counts and times, and nobody's name."""
    walls = [row.at.wall_ms for row in loot.rows]
    hours = Counter(wall // 3_600_000 for wall in walls)
    return {
        "check_ins": len(walls),
        "repeats": sum(not row.counted for row in loot.rows),
        "first_ms": min(walls, default=0),
        "last_ms": max(walls, default=0),
        "busiest_hour": max(hours.values(), default=0),
        "directions": sorted({row.direction.value for row in loot.rows}),
        "lengths": dict(sorted(Counter(len(row.sealed) for row in loot.rows).items())),
        "device": loot.device_id,
    }


def _content(path: Path) -> bytes:
    """Return what stands in a file; nothing for one of zeros (the ballast)."""
    content = path.read_bytes()
    return content if content.strip(b"\0") else b""
