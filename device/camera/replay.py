"""Simulated camera: replays photos or a video, paced by the clock like a real one.

A frame that is due while the decoder is still busy is dropped, and `Frame.seq` counts it, as on
a real camera. So a frame's number tells which picture was shown: see `Playlist`.
"""

from __future__ import annotations

import itertools
import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from device.camera.pictures import NOT_READABLE, Playlist, pictures_in
from device.camera.plan import CameraPlan
from device.camera.y4m import Y4mReader
from device.clock import Clock
from device.errors import CameraLost, CameraUnavailable
from device.model import CameraView, Frame
from device.words import say, sentence, why_of

if TYPE_CHECKING:
    from device.model import Luma

MOST_PIXELS = 40_000_000
_GREY = 96

log = logging.getLogger(__name__)


def read_picture(path: Path, width: int, height: int) -> Luma:
    """Return the luma of a picture, upright, shrunk to fit *width* × *height*, never enlarged.

    Raises:
        CameraUnavailable: it is not a picture that can be read.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - only a replay of pictures needs Pillow

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                too_large = opened.width * opened.height > MOST_PIXELS
                if not too_large:
                    picture = ImageOps.exif_transpose(opened)
                    if picture.has_transparency_data:  # what is transparent was drawn to stand on white
                        page = Image.new("RGBA", picture.size, "white")
                        picture = Image.alpha_composite(page, picture.convert("RGBA"))
                    grey = picture.convert("L")
                    grey.thumbnail((width, height), Image.Resampling.BILINEAR)
                    return np.array(grey, dtype=np.uint8)
    except PermissionError as error:
        raise CameraUnavailable(
            say("camera.replay.path: {name}: {why}", name=f"{path.name!a}", why=say(NOT_READABLE))
        ) from error
    except Exception as error:  # a hostile file may raise anything from a codec
        raise CameraUnavailable(
            say("camera.replay.path: {name} cannot be read as a picture", name=f"{path.name!a}")
        ) from error
    raise CameraUnavailable(say("camera.replay.path: {name} is larger than 40 megapixels", name=f"{path.name!a}"))


class ReplayCamera:
    """Implements `device.ports.Camera` on files."""

    def __init__(self, plan: CameraPlan, clock: Clock) -> None:
        self._plan = plan
        self._clock = clock
        self._never = threading.Event()
        self._files = ExitStack()
        self._frames: Iterator[tuple[int, Luma]] = iter(())
        self._last: Luma | None = None
        self._seq = -1
        self._start_s = 0.0
        self.view: CameraView | None = None
        """Files are seen whole."""

    def __enter__(self) -> Self:
        path = Path(self._plan.replay_path)
        if path.suffix.lower() == ".y4m":
            video = self._files.enter_context(Y4mReader(path))
            self._frames = self._video(video)
        else:
            self._frames = self._pictures(pictures_in(path))
        self._seq = -1
        self._start_s = self._clock.monotonic_s()
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def capture(self) -> Frame | None:
        """Wait until the next frame is due, dropping those that are overdue by more than a period.

        Raises:
            CameraLost: the file cannot be read any more.
            CameraUnavailable: it holds nothing that can be shown.
        """
        rate = self._plan.frame_rate
        due = max(self._seq + 1, int((self._clock.monotonic_s() - self._start_s) * rate))
        luma = self._frame(due)
        if luma is None:
            if self._plan.at_end == "stop" or self._last is None:
                return None
            luma = self._last
        self._clock.wait(self._never, max(0.0, self._start_s + due / rate - self._clock.monotonic_s()))
        self._seq, self._last = due, luma
        return Frame(luma, due, self._clock.monotonic_ms())

    def _frame(self, due: int) -> Luma | None:
        """Return frame number *due*, or ``None`` past the end."""
        try:
            for seq, luma in self._frames:
                self._last = luma
                if seq >= due:
                    return luma
        except OSError as error:  # the stick was pulled; a pipe that is to begin again
            raise CameraLost(
                say("camera.replay.path: it cannot be read any more ({why})", why=why_of(error))
            ) from error
        return None

    def _pictures(self, paths: list[Path]) -> Iterator[tuple[int, Luma]]:
        """Yield (frame number, luma); a picture is read once, when its turn comes."""
        playlist = Playlist.of(self._plan, len(paths))
        for round_ in itertools.count():
            readable, unreadable = 0, False
            for index, path in enumerate(paths):
                first = round_ * playlist.frames + index * (playlist.show + playlist.gap)
                empty = np.full((self._plan.height, self._plan.width), _GREY, np.uint8)
                try:
                    luma = read_picture(path, self._plan.width, self._plan.height)
                    readable += 1
                except CameraUnavailable as error:
                    log.warning("event=picture-skipped reason=%r", str(error))
                    luma, unreadable = empty, isinstance(error.__cause__, PermissionError)
                held = self._plan.at_end == "hold" and index == len(paths) - 1
                for offset in range(playlist.show + (0 if held else playlist.gap)):
                    yield first + offset, luma if offset < playlist.show else empty
            if not readable:
                why = NOT_READABLE if unreadable else sentence("not one of the pictures can be read")
                raise CameraUnavailable(say("camera.replay.path: {why}", why=say(why)))
            if self._plan.at_end != "loop":
                return

    def _video(self, video: Y4mReader) -> Iterator[tuple[int, Luma]]:
        """Yield (frame number, luma) of a video, from the start again when the plan loops."""
        seq = 0
        while True:
            first = seq
            for luma in video.frames():
                yield seq, luma
                seq += 1
            if seq == first:
                raise CameraUnavailable(say("camera.replay.path: the video holds no whole frame"))
            if self._plan.at_end != "loop":
                return
            video.rewind()
