"""The eye's process as it is started, with nobody who kills it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import segno

from device.camera import CameraPlan
from device.eye.engine_marker import NO_ENGINE, new_marker
from device.eye.lifeline import new_lifeline
from device.eye.messages import Ended, EyeOpened, Lost, Message, MessageReader, Walled
from device.eye.process import COMMAND
from device.eye.settings import EyeSettings
from device.model import Sight
from tests.bench.eye_journal import eye_without_library
from tests.support.children import surroundings
from tests.support.fake_server import PATIENCE_S
from tests.support.hostile_eye import run_eye


def replay(folder: Path, at_end: str = "stop") -> EyeSettings:
    segno.make("seen", micro=False).save(str(folder / "a.png"), scale=6, border=6)
    return EyeSettings(CameraPlan(source="replay", replay_path=str(folder), at_end=at_end))


def test_a_replay_is_told_frame_by_frame_and_ends_with_0_and_nothing_on_its_output(tmp_path: Path) -> None:
    eye = run_eye(list(COMMAND), replay(tmp_path))
    assert (eye.code, eye.printed, eye.running) == (0, b"", NO_ENGINE)
    assert isinstance(eye.messages[0], Walled)
    assert eye.messages[1] == EyeOpened(("zxing", "zbar"))
    assert eye.messages[-1] == Ended()
    seen = [message for message in eye.messages if isinstance(message, Sight)]
    assert {symbol.payload for sight in seen for symbol in sight.symbols} == {b"seen"}


def test_a_folder_of_links_to_pictures_elsewhere_is_replayed_behind_the_wall(tmp_path: Path) -> None:
    for name in ("links", "elsewhere"):
        (tmp_path / name).mkdir()
    plan = replay(tmp_path / "elsewhere").camera
    (tmp_path / "links" / "a.png").symlink_to(plan.replay_path + "/a.png")
    eye = run_eye(list(COMMAND), EyeSettings(replace(plan, replay_path=str(tmp_path / "links"))))
    assert {found.payload for seen in eye.messages if isinstance(seen, Sight) for found in seen.symbols} == {b"seen"}


@pytest.mark.parametrize(("text", "charset"), [("Đec", "iso-8859-2"), ("NV-1234", "utf-16-be"), ("日本", "gb18030")])
def test_a_charset_that_a_code_states_is_read_behind_the_wall(tmp_path: Path, text: str, charset: str) -> None:
    plan = replay(tmp_path)
    code = segno.make(text, micro=False, encoding=charset, eci=True, mode="byte")
    code.save(str(tmp_path / "a.png"), scale=6, border=6)
    eye = run_eye(list(COMMAND), plan)
    assert (eye.code, eye.messages[-1]) == (0, Ended())
    assert {found.payload for seen in eye.messages if isinstance(seen, Sight) for found in seen.symbols} == {
        text.encode()
    }


BROKEN = """
import sys
print("a page of text", file=sys.stderr)
raise ValueError("numpy.dtype size changed")
"""
UNFIT = "camera.source: picamera2 cannot be loaded (ValueError: numpy.dtype size changed); its libraries do not fit"


@pytest.mark.parametrize(("prints", "said"), [(True, b"a page of text\n"), (False, b"")])
def test_a_library_that_cannot_be_loaded_is_told_without_a_traceback(
    tmp_path: Path, *, prints: bool, said: bytes
) -> None:
    eye = run_eye(eye_without_library(tmp_path, BROKEN), EyeSettings(CameraPlan("picamera2"), prints=prints))
    walled, lost = eye.messages
    assert isinstance(walled, Walled)
    assert isinstance(lost, Lost)
    assert lost.reason.startswith(UNFIT)
    assert (eye.code, eye.said) == (1, said)


HANGS_WHEN_CLOSED = """
import os
class Picamera2:
    camera_controls = {{}}
    def __init__(self, index): pass
    @staticmethod
    def global_camera_info(): return [{{}}]
    def create_video_configuration(self, **asked): return asked
    def configure(self, asked): pass
    def camera_configuration(self): return {{"lores": {{"format": "YUV420", "size": (64, 64), "stride": 64}}}}
    def set_controls(self, controls): pass
    def start(self): {start}
    def capture_request(self, wait): raise TimeoutError
    def close(self): os.read(os.pipe()[0], 1)
"""


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("pass", "the camera gave no frame within a second; check the ribbon cable"),
        ("raise RuntimeError('no')", "camera.source: the camera cannot be opened (RuntimeError: no)"),
    ],
)
def test_a_camera_that_hangs_when_it_is_closed_has_been_told_lost_before(
    tmp_path: Path, start: str, reason: str
) -> None:
    command = eye_without_library(tmp_path, HANGS_WHEN_CLOSED.format(start=start))
    plan = CameraPlan("picamera2", width=64, height=64, focus_mm=None, flicker_hz=0)
    marker, (ours, theirs), lifeline = new_marker(), socket.socketpair(), new_lifeline()
    reader, heard = MessageReader(), list[Message]()
    with subprocess.Popen(command, stdin=theirs.fileno(), stderr=subprocess.DEVNULL, env=surroundings()) as eye, ours:
        theirs.close()
        socket.send_fds(ours, [f"{EyeSettings(plan).to_json()}\n\n".encode()], [marker, lifeline[0]])
        ours.settimeout(PATIENCE_S)
        while not any(isinstance(message, Lost) for message in heard):
            heard.extend(reader.feed(ours.recv(4096)))
        ours.shutdown(socket.SHUT_WR)
    for opened in (marker, *lifeline):
        os.close(opened)
    assert heard[-1] == Lost(reason)
    assert eye.returncode == 0


def test_an_eye_that_must_not_print_does_so_from_its_first_frame_on(tmp_path: Path) -> None:
    noisy = (
        "import os; os.write(2, b'starts '); from device.eye import child, frame_loop; sees = frame_loop.decode_frame\n"
    )
    noisy += "frame_loop.decode_frame = lambda *a: (os.write(2, b'.'), sees(*a))[1]; os._exit(child.main())"
    eye = run_eye([sys.executable, "-P", "-c", noisy], replace(replay(tmp_path), prints=False))
    frames = sum(isinstance(message, Sight) for message in eye.messages)
    assert eye.said == b"starts " + b"." * (frames - 1)


def test_a_defect_in_an_eye_is_one_line_and_the_gate_is_told(tmp_path: Path) -> None:
    wrong = "from device.eye import child; child.main(((1, 2),))"
    eye = run_eye([sys.executable, "-P", "-c", wrong], replay(tmp_path))
    assert isinstance(eye.messages[-1], Lost)
    assert eye.messages[-1].reason.startswith("the eye failed (TypeError at ")
    assert re.fullmatch(rb"CRITICAL device.eye.child event=eye-failed reason=TypeError at=\w+\.py:\d+\n", eye.said)


def test_what_is_left_out_does_not_run(tmp_path: Path) -> None:
    assert run_eye(list(COMMAND), replay(tmp_path), left_out="zxing=600").messages[1] == EyeOpened(("zbar",))


def test_an_eye_whose_gate_has_ended_already_looks_at_nothing() -> None:
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs:
        assert subprocess.run(COMMAND, stdin=theirs.fileno(), check=False, env=surroundings()).returncode == 0


def test_an_eye_that_the_gate_has_let_go_already_looks_at_nothing(tmp_path: Path) -> None:
    marker, (ours, theirs), (eyes_end, gates_end) = new_marker(), socket.socketpair(), new_lifeline()
    with theirs, ours:
        socket.send_fds(ours, [f"{replay(tmp_path).to_json()}\n\n".encode()], [marker, eyes_end])
        for opened in (marker, eyes_end, gates_end):
            os.close(opened)
        assert subprocess.run(COMMAND, stdin=theirs.fileno(), check=False, env=surroundings()).returncode == 0
        ours.settimeout(0)
        with pytest.raises(BlockingIOError):
            ours.recv(1)


def test_an_eye_whose_connection_is_closed_ends_at_once_whatever_it_is_doing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "stuck.y4m")  # opening it waits for ever, as a driver may
    settings = EyeSettings(CameraPlan(source="replay", replay_path=str(tmp_path / "stuck.y4m")))
    marker, (ours, theirs), lifeline = new_marker(), socket.socketpair(), new_lifeline()
    with subprocess.Popen(COMMAND, stdin=theirs.fileno(), env=surroundings()) as eye, ours:
        theirs.close()
        socket.send_fds(ours, [f"{settings.to_json()}\n\n".encode()], [marker, lifeline[0]])
        ours.settimeout(PATIENCE_S)
        assert [type(message) for message in MessageReader().feed(ours.recv(4096))] == [Walled]
        ours.shutdown(socket.SHUT_WR)
        assert ours.recv(1) == b""
    for opened in (marker, *lifeline):
        os.close(opened)
    assert eye.returncode == 0


def test_the_watchdog_of_systemd_is_fed_from_behind_the_wall(tmp_path: Path) -> None:
    settings = replay(tmp_path, "hold")
    watched = (
        "import os, sys; os.environ['WATCHDOG_PID'] = str(os.getpid()); from device.eye import child; child.main()"
    )
    marker, (ours, theirs), lifeline = new_marker(), socket.socketpair(), new_lifeline()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE_S)
        with (
            subprocess.Popen(
                [sys.executable, "-c", watched],
                stdin=theirs.fileno(),
                env=surroundings() | {"NOTIFY_SOCKET": str(tmp_path / "notify")},
            ),
            ours,
        ):
            theirs.close()
            socket.send_fds(ours, [f"{settings.to_json()}\n\n".encode()], [marker, lifeline[0]])
            assert systemd.recv(100) == b"WATCHDOG=1"
    for opened in (marker, *lifeline):
        os.close(opened)
