"""The eye's process as the gate starts it, with nobody who kills it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import segno

from device.camera import CameraPlan
from device.eye.engine_marker import NO_ENGINE, new_marker, read_marker
from device.eye.messages import Ended, EyeOpened, Message, MessageReader, Walled
from device.model import Sight


def watched(plan: CameraPlan, *, parent: int, left_out: str = "") -> tuple[int, bytes, list[Message], str]:
    """Run it to its end; return its exit code, its standard output, what it told, and its engine marker."""
    marker, (read_end, write_end) = new_marker(), os.pipe()
    command = [sys.executable, "-P", "-m", "device.eye.child", str(write_end), str(parent), str(marker), left_out]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(write_end, marker)) as child,
        os.fdopen(read_end, "rb") as told,
    ):
        os.close(write_end)
        assert child.stdin is not None
        assert child.stdout is not None
        with suppress(BrokenPipeError):  # it may have ended already
            child.stdin.write(plan.to_json().encode() + b"\n")
            child.stdin.close()
        messages = list(MessageReader().feed(told.read()))
        printed = child.stdout.read()
    running = read_marker(marker)
    os.close(marker)
    return child.returncode, printed, messages, running


def replay(folder: Path) -> CameraPlan:
    segno.make("seen", micro=False).save(str(folder / "a.png"), scale=6, border=6)
    return CameraPlan(source="replay", replay_path=str(folder), at_end="stop")


def test_a_replay_is_told_frame_by_frame_and_ends_with_0_and_nothing_on_its_output(tmp_path: Path) -> None:
    code, printed, messages, running = watched(replay(tmp_path), parent=os.getpid())
    assert (code, printed, running) == (0, b"", NO_ENGINE)
    assert isinstance(messages[0], Walled)
    assert messages[1] == EyeOpened(("zxing", "zbar"))
    assert messages[-1] == Ended()
    seen = [message for message in messages if isinstance(message, Sight)]
    assert {symbol.payload for sight in seen for symbol in sight.symbols} == {b"seen"}


def test_a_folder_of_links_to_pictures_elsewhere_is_replayed_behind_the_wall(tmp_path: Path) -> None:
    for name in ("links", "elsewhere"):
        (tmp_path / name).mkdir()
    plan = replay(tmp_path / "elsewhere")
    (tmp_path / "links" / "a.png").symlink_to(plan.replay_path + "/a.png")
    _, _, messages, _ = watched(replace(plan, replay_path=str(tmp_path / "links")), parent=os.getpid())
    payloads = {symbol.payload for sight in messages if isinstance(sight, Sight) for symbol in sight.symbols}
    assert payloads == {b"seen"}


def test_what_is_left_out_does_not_run(tmp_path: Path) -> None:
    _, _, messages, _ = watched(replay(tmp_path), parent=os.getpid(), left_out="zxing=600")
    assert messages[1] == EyeOpened(("zbar",))


def test_an_eye_whose_gate_has_ended_already_looks_at_nothing(tmp_path: Path) -> None:
    assert watched(replay(tmp_path), parent=os.getpid() + 1) == (1, b"", [], NO_ENGINE)
