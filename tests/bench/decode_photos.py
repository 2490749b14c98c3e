"""The photos of ``./setup.sh bench decode --photos``: which there are, and what their codes say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from device.camera.pictures import PICTURES
from device.camera.replay import read_picture
from device.errors import CameraUnavailable, ConfigurationError
from tests.bench.decode_measure import Read, Step, Tallies, Tally, in_turn

LIST = "photos.jsonl"
LONGEST_SIDE = 1280
"""Photos are shrunk to this, about what a gate's camera gives; never enlarged."""
FORMAT = f"""\
photos: any pictures below DIR, shrunk to {LONGEST_SIDE} pixels. With DIR/{LIST}, one JSON object a line,
  {{"file": "path below DIR", "truth": ["text", ...]}}
only the files it names are read; an empty list says that there is no QR code in the photo. Without it what a
photo says is taken from the engines themselves: a text counts as read when at least one engine, run plainly on
the whole photo, gives it too, and photos that no engine reads are left out.
"""


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo.

    Attributes:
        path: of the file.
        truth: what its codes say; empty when it holds none; ``None`` when nobody has said.
    """

    path: Path
    truth: frozenset[str] | None

    def right(self) -> Callable[[bytes], bool] | None:
        """Return what tells a right payload; ``None`` where there is no code."""
        truth = self.truth
        return (lambda payload: not truth.isdisjoint(_texts(payload))) if truth else None


def photos_in(folder: Path) -> list[Photo]:
    """List the photos of a folder.

    Raises:
        ConfigurationError: there are none, or a line of the list is malformed; names the line.
    """
    listed = folder / LIST
    if listed.is_file():
        photos = list(_listed(listed))
    else:
        photos = [Photo(path, None) for path in sorted(folder.rglob("*")) if path.suffix.lower() in PICTURES]
    if not photos:
        raise ConfigurationError(f"--photos: {str(folder)!a} holds no pictures")
    return photos


def _listed(listed: Path) -> Iterator[Photo]:
    for number, line in enumerate(listed.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            yield Photo(listed.parent / said["file"], frozenset(_plain(text) for text in said["truth"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigurationError(
                f'{listed.name} line {number}: write {{"file": "...", "truth": ["..."]}} ({type(error).__name__})'
            ) from error


def read_photos(readers: dict[str, Read], engines: dict[str, Read], photos: list[Photo], step: Step) -> Tallies:
    """Read photos one by one.

    Args:
        readers: who is measured.
        engines: the engines run plainly, to ask where nobody has said what is in a photo.
        photos: what to read; one that is no picture is left out.
        step: told after each photo.
    """
    tallies: Tallies = {name: Tally() for name in readers}
    for photo in photos:
        step()
        try:
            luma = read_picture(photo.path, LONGEST_SIDE, LONGEST_SIDE)
        except CameraUnavailable:
            continue
        (found,) = in_turn(readers, [luma])
        right = photo.right()
        if photo.truth is None:
            agreed = {payload for read in engines.values() for payload in read(luma)}
            if not agreed:
                continue
            right = agreed.__contains__
        for name, (payloads, ms) in found.items():
            if right is not None:
                tallies[name].cpu_ms.append(ms)
            _count(tallies[name], payloads, right)
    return tallies


def _count(tally: Tally, payloads: list[bytes], right: Callable[[bytes], bool] | None) -> None:
    """Judge one photo; those without a code count for false readings alone, not for the rate."""
    if right is None:
        tally.false += len(payloads)
    else:
        tally.judge(payloads, right)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _texts(payload: bytes) -> Iterator[str]:
    """Yield what these bytes say in the character sets that old codes are written in."""
    for charset in ("utf-8", "latin-1", "shift_jis", "gb18030"):
        try:
            yield _plain(payload.decode(charset))
        except UnicodeDecodeError:
            continue
