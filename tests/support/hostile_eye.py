"""An eye whose decoder is taken over by what it sees, and what becomes of the attempts it makes then."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from device.camera import CameraPlan
from device.eye.engine_marker import new_marker, read_marker
from device.eye.lifeline import new_lifeline
from device.eye.messages import Message, MessageReader
from device.eye.settings import EyeSettings
from tests.support.children import CHECKOUT, surroundings
from tests.support.inside_the_eye import Targets, eye_taken_over, reporting

Outcomes = dict[str, Mapping[str, object]]
"""The lines of a report (`tests.support.inside_the_eye`) by their attempt."""


def picture(folder: Path) -> CameraPlan:
    folder.mkdir(exist_ok=True)
    (folder / "grey.y4m").write_bytes(b"YUV4MPEG2 W64 H64 F15:1 Cmono\nFRAME\n" + bytes([96]) * 4096)
    return CameraPlan(source="replay", replay_path=str(folder / "grey.y4m"), at_end="stop")


def run_hostile_eye(settings: EyeSettings, targets: Targets, before: str = "") -> tuple[Outcomes, list[Message]]:
    """Run one to its end; return what its attempts came to, and what it told the gate."""
    script = before + eye_taken_over(str(CHECKOUT), reporting(targets))
    ended = run_eye([sys.executable, "-P", "-c", script], settings)
    return lines_of(ended.said), ended.messages


@dataclass(frozen=True)
class EndedEye:
    """What was left of an eye that ran to its end, with nobody who kills it."""

    code: int
    messages: list[Message]
    printed: bytes
    said: bytes
    running: str


def run_eye(command: list[str], settings: EyeSettings, left_out: str = "") -> EndedEye:
    """Run one to its end."""
    marker, (ours, theirs), lifeline = new_marker(), socket.socketpair(), new_lifeline()
    with (
        subprocess.Popen(
            command, stdin=theirs.fileno(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=surroundings()
        ) as child,
        ours,
        ours.makefile("rb") as connection,
    ):
        theirs.close()
        socket.send_fds(ours, [f"{settings.to_json()}\n{left_out}\n".encode()], [marker, lifeline[0]])
        messages = list(MessageReader().feed(connection.read()))
        printed, said = child.communicate()
    running = read_marker(marker)
    for opened in (marker, *lifeline):
        os.close(opened)
    return EndedEye(child.returncode, messages, printed, said, running)


def lines_of(said: bytes) -> Outcomes:
    found = [json.loads(line) for line in said.splitlines() if line.startswith(b'{"attempt"')]
    return {line["attempt"]: line for line in found}
