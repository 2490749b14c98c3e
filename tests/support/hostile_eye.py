"""An eye whose decoder is taken over by what it sees, and what becomes of the attempts it makes then."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from device.camera import CameraPlan
from device.eye.engine_marker import new_marker
from device.eye.messages import Message, MessageReader
from device.eye.settings import EyeSettings
from tests.support.children import CHECKOUT, surroundings
from tests.support.inside_the_eye import Targets

Outcomes = dict[str, Mapping[str, object]]
"""The lines of a report (`tests.support.inside_the_eye`) by their attempt."""

_EYE = f"""
import sys
sys.path.append({str(CHECKOUT)!r})
from device.eye import child
from tests.support.inside_the_eye import Targets, report

class Hostile:
    name = "zbar"
    tried = False

    def read(self, luma):
        from device.decoder.engines import Zbar
        found = Zbar().read(luma)
        if not self.tried and not found.symbols:
            self.tried = True
            report(Targets(**TARGETS))
        return found

sys.exit(child.main((("zbar", Hostile),)))
"""
"""An eye whose decoder is taken over by the first picture in which there is no code."""


def picture(folder: Path) -> CameraPlan:
    folder.mkdir(exist_ok=True)
    (folder / "grey.y4m").write_bytes(b"YUV4MPEG2 W64 H64 F15:1 Cmono\nFRAME\n" + bytes([96]) * 4096)
    return CameraPlan(source="replay", replay_path=str(folder / "grey.y4m"), at_end="stop")


def run_hostile_eye(settings: EyeSettings, targets: Targets, before: str = "") -> tuple[Outcomes, list[Message]]:
    """Run one to its end; return what its attempts came to, and what it told the gate."""
    marker, (read_end, write_end) = new_marker(), os.pipe()
    script = before + _EYE.replace("TARGETS", repr(json.loads(targets.to_json())))
    command = [sys.executable, "-P", "-c", script, str(write_end), str(os.getpid()), str(marker), ""]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=(write_end, marker), env=surroundings()
    ) as child:
        os.close(write_end)
        _, said = child.communicate(settings.to_json().encode() + b"\n")
    with os.fdopen(read_end, "rb") as told:
        messages = list(MessageReader().feed(told.read()))
    os.close(marker)
    return lines_of(said), messages


def lines_of(said: bytes) -> Outcomes:
    found = [json.loads(line) for line in said.splitlines() if line.startswith(b'{"attempt"')]
    return {line["attempt"]: line for line in found}
