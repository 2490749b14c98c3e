"""The replayed camera: pictures and videos, paced and dropped like a real one."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from device.camera import CameraPlan, open_camera
from device.camera.pictures import Playlist, pictures_in
from device.camera.replay import ReplayCamera, read_picture
from device.errors import CameraLost, CameraUnavailable
from device.model import Frame
from tests.support.fakes import FakeClock


def picture(path: Path, level: int = 200, size: tuple[int, int] = (40, 30)) -> Path:
    Image.new("L", size, level).save(path)
    return path


def plan(path: Path, **more: object) -> CameraPlan:
    values: dict[str, object] = {"source": "replay", "replay_path": str(path), "frame_rate": 10, "at_end": "stop"}
    return CameraPlan(**(values | more))  # type: ignore[arg-type]


def frames(wanted: CameraPlan, clock: FakeClock | None = None) -> list[Frame]:
    with ReplayCamera(wanted, clock or FakeClock()) as camera:
        found = []
        while (frame := camera.capture()) is not None:
            found.append(frame)
        return found


def test_each_picture_of_a_folder_is_shown_and_then_an_empty_view(tmp_path: Path) -> None:
    picture(tmp_path / "2.png", 20)
    picture(tmp_path / "10.png", 100)
    picture(tmp_path / "1.jpg", 10)
    (tmp_path / "notes.txt").write_text("not a picture")
    shown = frames(plan(tmp_path, show_ms=200, gap_ms=100))
    assert [int(f.luma[0, 0]) for f in shown] == [10, 10, 96, 20, 20, 96, 100, 100, 96]
    assert [f.seq for f in shown] == list(range(9))


def test_the_frame_number_tells_which_picture_was_shown(tmp_path: Path) -> None:
    playlist = Playlist.of(plan(tmp_path, show_ms=200, gap_ms=100), 3)
    assert [playlist.at(seq) for seq in range(playlist.frames)] == [
        (0, True), (0, True), (0, False), (1, True), (1, True), (1, False), (2, True), (2, True), (2, False),
    ]  # fmt: skip


def test_frames_are_paced_by_the_clock(tmp_path: Path) -> None:
    clock = FakeClock()
    start = clock.since_boot_ms
    shown = frames(plan(picture(tmp_path / "a.png"), show_ms=500, gap_ms=0), clock)
    assert [f.captured_ms - start for f in shown] == [0, 100, 200, 300, 400]


def test_frames_that_are_overdue_are_dropped_and_counted(tmp_path: Path) -> None:
    clock = FakeClock()
    with ReplayCamera(plan(picture(tmp_path / "a.png"), show_ms=1000), clock) as camera:
        first = camera.capture()
        clock.advance(350)  # a slow decoder
        second = camera.capture()
    assert first is not None
    assert second is not None
    assert (first.seq, second.seq) == (0, 3)


def test_at_the_end_the_last_picture_is_held(tmp_path: Path) -> None:
    with ReplayCamera(plan(picture(tmp_path / "a.png", 33), show_ms=200, at_end="hold"), FakeClock()) as camera:
        held = [camera.capture() for _ in range(20)]
    assert {int(f.luma[0, 0]) for f in held if f} == {33}
    assert [f.seq for f in held if f] == list(range(20))


def test_a_loop_begins_again(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", 10)
    picture(tmp_path / "b.png", 20)
    with ReplayCamera(plan(tmp_path, show_ms=100, gap_ms=0, at_end="loop"), FakeClock()) as camera:
        levels = [int(f.luma[0, 0]) for _ in range(5) if (f := camera.capture())]
    assert levels == [10, 20, 10, 20, 10]


def test_a_picture_is_turned_upright_shrunk_and_put_on_white(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    Image.new("L", (200, 100)).save(tmp_path / "side.jpg", exif=exif)
    assert read_picture(tmp_path / "side.jpg", 1000, 1000).shape == (200, 100)
    assert read_picture(tmp_path / "side.jpg", 100, 100).shape == (100, 50)
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert int(read_picture(tmp_path / "clear.png", 10, 10)[0, 0]) == 255


def test_an_unreadable_picture_is_skipped_and_the_others_are_shown(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    picture(tmp_path / "b.png", 50)
    assert [int(f.luma[0, 0]) for f in frames(plan(tmp_path, show_ms=100, gap_ms=0))] == [96, 50]


def test_a_truncated_jpeg_is_skipped(tmp_path: Path) -> None:
    whole = picture(tmp_path / "a.jpg", 50, (400, 300)).read_bytes()
    (tmp_path / "a.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CameraUnavailable, match="cannot be read"):
        read_picture(tmp_path / "a.jpg", 100, 100)


def test_a_folder_without_one_readable_picture_names_the_key(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"junk")
    with pytest.raises(CameraUnavailable, match=r"^camera\.replay\.path: not one"):
        frames(plan(tmp_path, show_ms=100))


@pytest.mark.parametrize("name", ["", "missing"])
def test_an_empty_or_missing_folder_names_the_key(tmp_path: Path, name: str) -> None:
    with pytest.raises(CameraUnavailable, match=r"^camera\.replay\.path:"):
        pictures_in(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told_with_the_user_who_must(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", 50)
    video(tmp_path / "b.y4m")
    for name in ("a.png", "b.y4m"):
        (tmp_path / name).chmod(0)
        with pytest.raises(CameraUnavailable, match=r"^camera\.replay\.path: it may not be read; .* gate-eye"):
            frames(plan(tmp_path / name, show_ms=100))
    tmp_path.chmod(0o600)
    with pytest.raises(CameraUnavailable, match="gate-eye"):
        pictures_in(tmp_path / "a.png")
    tmp_path.chmod(0o700)


def video(path: Path, tags: str = "Cmono", count: int = 3, chroma: int = 0) -> Path:
    body = b"".join(b"FRAME\n" + bytes([n]) * 12 + b"\x80" * chroma for n in range(count))
    path.write_bytes(f"YUV4MPEG2 W4 H3 F10:1 {tags}\n".encode() + body)
    return path


@pytest.mark.parametrize(("tags", "chroma"), [("Cmono", 0), ("C420jpeg", 8), ("", 8)])
def test_a_video_gives_its_luma_planes(tmp_path: Path, tags: str, chroma: int) -> None:
    shown = frames(plan(video(tmp_path / "a.y4m", tags, chroma=chroma)))
    assert [f.luma.shape for f in shown] == [(3, 4)] * 3
    assert [int(f.luma[2, 3]) for f in shown] == [0, 1, 2]


def test_a_video_cut_short_ends_with_its_last_whole_frame(tmp_path: Path) -> None:
    path = video(tmp_path / "a.y4m")
    path.write_bytes(path.read_bytes()[:-5])
    assert len(frames(plan(path))) == 2


def test_a_video_can_loop(tmp_path: Path) -> None:
    with ReplayCamera(plan(video(tmp_path / "a.y4m"), at_end="loop"), FakeClock()) as camera:
        assert [int(f.luma[0, 0]) for _ in range(5) if (f := camera.capture())] == [0, 1, 2, 0, 1]


def test_a_pipe_that_is_to_begin_again_is_a_lost_camera(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.y4m")
    whole = b"YUV4MPEG2 W4 H4 F10:1 Cmono\nFRAME\n" + bytes(16)
    writer = threading.Thread(target=(tmp_path / "pipe.y4m").write_bytes, args=(whole,))
    writer.start()
    with ReplayCamera(plan(tmp_path / "pipe.y4m", at_end="loop"), FakeClock()) as camera:
        writer.join()
        assert camera.capture() is not None
        with pytest.raises(CameraLost, match=r"^camera\.replay\.path: it cannot be read any more"):
            camera.capture()


@pytest.mark.parametrize(
    "head",
    [b"", b"RIFF....", b"YUV4MPEG2 W4\n", b"YUV4MPEG2 W-4 H3\n", b"YUV4MPEG2 W99999 H9\n", b"YUV4MPEG2 W4 H3 C444\n"],
)
def test_what_is_no_video_names_the_key(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "a.y4m").write_bytes(head)
    with pytest.raises(CameraUnavailable, match=r"^camera\.replay\.path:"):
        frames(plan(tmp_path / "a.y4m"))


def test_the_plan_crosses_to_the_child_and_back(tmp_path: Path) -> None:
    wanted = plan(tmp_path, focus_mm=None)
    assert CameraPlan.from_json(wanted.to_json()) == wanted


def test_the_camera_is_the_one_that_the_plan_names(tmp_path: Path) -> None:
    assert isinstance(open_camera(plan(tmp_path), FakeClock()), ReplayCamera)
    assert type(open_camera(CameraPlan(source="picamera2"), FakeClock())).__name__ == "PiCamera"
    assert np.uint8(1) == 1
