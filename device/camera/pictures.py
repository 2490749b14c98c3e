"""Playlist of a replay: which image files it shows, and at which frame number.

Without numpy or Pillow: the gate process imports it too.
"""

from __future__ import annotations

import itertools
import stat
from pathlib import Path

from device.camera.plan import CameraPlan
from device.errors import CameraUnavailable
from device.words import say, sentence

NOT_READABLE = sentence(
    "it may not be read; where setup.sh installed the gate, the user gate-eye must (not below /home; chmod a+rX)"
)
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".pgm"})


def pictures_in(path: Path) -> list[Path]:
    """Return the image files that a replay of *path* shows, in natural order (2.png before 10.png).

    Raises:
        CameraUnavailable: there are none, or the folder cannot be read.
    """
    try:
        kind = path.stat().st_mode
        if stat.S_ISREG(kind):
            return [path]
        if not stat.S_ISDIR(kind):
            raise CameraUnavailable(f"camera.replay.path: {say('no such file or folder')}")
        found = sorted((p for p in path.iterdir() if p.suffix.lower() in PICTURES), key=_natural)
    except PermissionError as error:
        raise CameraUnavailable(f"camera.replay.path: {say(NOT_READABLE)}") from error
    except OSError as error:
        raise CameraUnavailable(f"camera.replay.path: {say('no such file or folder')}") from error
    if not found:
        told = say("the folder holds no pictures; name one with PNG or JPEG files")
        raise CameraUnavailable(f"camera.replay.path: {told}")
    return found


def _natural(path: Path) -> tuple[tuple[int, int, str], ...]:
    """Return the key that sorts 2.png before 10.png."""
    parts = ("".join(run) for _, run in itertools.groupby(path.name, str.isdecimal))
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


class Playlist:
    """Which picture is shown at which frame number.

    Args:
        count: how many pictures.
        show: frames each is shown.
        gap: frames of an empty view after each.
    """

    def __init__(self, count: int, show: int, gap: int) -> None:
        self.count = count
        self.show = max(1, show)
        self.gap = max(0, gap)

    @classmethod
    def of(cls, plan: CameraPlan, count: int) -> Playlist:
        """Build the playlist a plan asks for."""
        return cls(count, plan.show_ms * plan.frame_rate // 1000, plan.gap_ms * plan.frame_rate // 1000)

    @property
    def frames(self) -> int:
        """How many frames one pass takes."""
        return self.count * (self.show + self.gap)

    def at(self, seq: int) -> tuple[int, bool]:
        """Return the picture's index at frame *seq* of a pass, and whether it is shown (or the gap after it)."""
        index, offset = divmod(seq, self.show + self.gap)
        return index, offset < self.show
