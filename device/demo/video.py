"""Renders the scripted visitors into a Y4M video for the replay camera."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from device.demo.scenes.walk import FRAME_RATE, Approach, nobody
from device.demo.scenes.y4m import Y4mWriter
from device.demo.visitors import Role

SIZE = (960, 720)
PAUSE = 14
"""Frames of an empty entrance after each visitor."""

Window = tuple[int, int]
"""First frame of a visitor, and the first frame of the next."""


def windows(roles: tuple[Role, ...]) -> list[Window]:
    """Return which frames belong to which visitor; the entrance is empty for a while before the first."""
    first, found = PAUSE, []
    for index, role in enumerate(roles):
        length = len(_approach(role, index, 0)) + PAUSE
        found.append((first, first + length))
        first += length
    return found


def render_video(
    roles: tuple[Role, ...], path: Path, seed: int, progress: Callable[[int, int], None], size: tuple[int, int] = SIZE
) -> list[Window]:
    """Write the video to *path* and return the frames of each visitor.

    Args:
        roles: who comes, in this order.
        path: the Y4M file; replaced.
        seed: of poses and noise.
        progress: called with how many of how many frames are done.
        size: width and height of each frame.
    """
    shown = windows(roles)
    total = shown[-1][1]
    done = 0
    with Y4mWriter(path, size, FRAME_RATE) as video:

        def add(frames: object) -> None:
            nonlocal done
            for luma in frames:  # type: ignore[attr-defined]
                video.write(luma)
                done += 1
                progress(done, total)

        add(nobody(PAUSE, seed, size))
        for index, (role, (first, end)) in enumerate(zip(roles, shown, strict=True)):
            add(_approach(role, seed + index, first).frames(size))
            add(nobody(PAUSE, seed + 1000 + index, size, start_s=(end - PAUSE) / FRAME_RATE))
    return shown


def _approach(role: Role, seed: int, first: int) -> Approach:
    return Approach(
        role.payload, role.carrier, steady=role.steady, seed=seed, flaw=role.flaw, start_s=first / FRAME_RATE
    )
