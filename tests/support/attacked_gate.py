"""What hostile code in an eye attacks where no gate runs: files, sockets and a process that stand for the gate's.

``python -m tests.support.attacked_gate FOLDER`` is that process. It answers on a control socket, on an abstract one and
on a TCP port, and holds a byte that may be overwritten.
"""

from __future__ import annotations

import ctypes
import json
import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.children import python_module, surroundings
from tests.support.inside_the_eye import Targets


@contextmanager
def attacked(folder: Path) -> Iterator[Targets]:
    """Start it in a folder of its own, and end it."""
    store, runtime = folder / "store", folder / "run"
    for made in (store, runtime):
        made.mkdir(parents=True)
    (store / "enrolment.json").write_text("a signing key", "utf-8")
    (store / "ledger.db").write_bytes(bytes(8192))
    (store / "removable").touch()
    command = [*python_module("tests.support.attacked_gate"), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=surroundings()) as gate:
        assert gate.stdout is not None
        port, address = json.loads(gate.stdout.readline())
        yield Targets(
            str(store), str(runtime), ("127.0.0.1", port), gate.pid, address, f"attacked-{gate.pid}", "/dev/zero"
        )
        gate.kill()


def main(folder: Path) -> None:
    """Answer until killed, or until the parent has ended."""
    held = ctypes.create_string_buffer(b"a byte")
    control, abstract = (socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(2))
    control.bind(str(folder / "run" / "gate.sock"))
    abstract.bind(f"\0attacked-{os.getpid()}")
    port = socket.create_server(("127.0.0.1", 0))
    waiting = selectors.DefaultSelector()
    for listener in (control, abstract, port):
        listener.listen()
        waiting.register(listener, selectors.EVENT_READ)
    waiting.register(sys.stdin, selectors.EVENT_READ)
    os.write(1, json.dumps([port.getsockname()[1], ctypes.addressof(held)]).encode() + b"\n")
    while True:
        for ready, _ in waiting.select():
            if not isinstance(ready.fileobj, socket.socket):
                return
            connection, _ = ready.fileobj.accept()
            with connection, suppress(OSError):
                connection.recv(4096)
                connection.sendall(b'{"answer": {}}\n')


if __name__ == "__main__":
    main(Path(sys.argv[1]))
