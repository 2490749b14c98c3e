"""A hub's database in a process of its own: ``python -m tests.hub.db.store_child FOLDER``.

Each line of its input is a batch, a body as a gate sends it in hex, after a word: ``take`` stores it and tells the
cursor; ``hold`` says ``inside`` before the commit, and goes on when the next line has come.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from sqlalchemy import event

from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.wire import checkins as wire


def tell(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    folder = HubFolder(Path(sys.argv[1]), SystemClock())
    with closing(folder.open_store()) as store:
        holding: list[str] = []

        @event.listens_for(store._engine, "commit")
        def hold(_: object) -> None:
            if holding:
                tell(holding.pop())
                sys.stdin.readline()

        tell("ready")
        while line := sys.stdin.readline():
            word, _, body = line.partition(" ")
            if word == "hold":
                holding.append("inside")
            signed = wire.decode_batch(bytes.fromhex(body))
            tell(store.ingest(signed.batch, signed.head_signature, signed.sent).cursor)


if __name__ == "__main__":
    main()
