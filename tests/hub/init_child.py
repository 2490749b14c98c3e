"""Makes hubs, each in a process of its own that ends before another step (``python -m tests.hub.init_child DIR``).

A step is what may change a file or a folder, as Python reports it to audit hooks; what SQLite does by itself is not
seen. After each death the hub is made once more, and must work. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from pathlib import Path

from device.clock import SystemClock
from device.errors import ConfigurationError
from device.hub.folder import HubFolder

_CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.link", "os.chmod", "open", "sqlite3.connect"}


class Doom:
    """Ends the process before its step with a given number."""

    def __init__(self, at: int) -> None:
        self.at, self.steps, self.armed = at, 0, False

    def hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.armed or event not in _CHANGES:
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            return
        self.steps += 1
        if self.steps == self.at:
            os._exit(9)


def make(path: Path, doom: Doom) -> int:
    """Make a hub in a process of its own; return how that ended."""
    child = os.fork()
    if child == 0:
        sys.addaudithook(doom.hook)
        doom.armed = True
        HubFolder.create(path, SystemClock(), ["hub.example"], 30)
        doom.armed = False
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def works(path: Path) -> str:
    """Return what is wrong with the hub after init was called once more; nothing when it is whole."""
    try:
        hub = HubFolder.create(path, SystemClock(), ["hub.example"], 30)
    except ConfigurationError as error:
        if "already" not in str(error):
            return str(error)
        hub = HubFolder(path, SystemClock())  # it was whole before it died
    gate = hub.add_gate("one")
    with closing(hub.open_store()) as store:
        names = [found.name for found in store.gates()]
    identity = hub.public_identity()
    hub.operator_token()
    whole = (len(gate.sealing_keys), names, hub.retention_days, set(identity.names)) == (
        31,
        ["one"],
        30,
        {"hub.example"},
    )
    return "" if whole else "it is not whole"


def main() -> None:
    """Die before the first step, the second, and so on, until a hub is made without dying."""
    folder, at, wrong = Path(sys.argv[1]), 0, []
    while True:
        at += 1
        path = folder / str(at)
        code = make(path, Doom(at))
        if problem := works(path):
            wrong.append(f"{at}: {problem}")
        if code == 0:
            break
    sys.stdout.write(json.dumps({"steps": at, "wrong": wrong}))


if __name__ == "__main__":
    main()
