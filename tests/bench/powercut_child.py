"""The gate whose power is cut on paper: it writes down, delivers, prunes and begins a new epoch, all on one thread.

Run as ``python -m tests.bench.powercut_child`` under strace by `tests.bench.powercuts`. What it promises goes
to its standard output, one line each in one write, so that the trace has it in order with the writes to the card
(in the appliance tests, to a sector of the very disk that is recorded)::

    recorded EPOCH SEQ LINK     `record` has returned; LINK is the row's, read back
    settling EPOCH SEQ          rows up to SEQ are about to be settled
    settled EPOCH SEQ           `settle` has returned
    refused                     one of them has raised: no promise
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from device.clock import SystemClock
from device.crypto.sealing import Sealer, new_key_pair
from device.errors import LedgerUnavailable
from device.model import Receipt
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.store.schema import FILE_NAME
from tests.bench.ledger_child import DEVICE_ID
from tests.support.children import python_module
from tests.support.visitors import visitor

_DELIVER_EVERY, _PRUNE_EVERY = 17, 40
_MODULE = "tests.bench.powercut_child"
_KEEP_ROWS, _CHUNK_ROWS = 20, 16


Tell = Callable[[str], None]


def to_standard_output(line: str) -> None:
    """Tell one line, in one write."""
    os.write(1, f"{line}\n".encode("ascii"))


def main(tell: Tell = to_standard_output) -> int:
    """Do a little of everything, then end.

    Args:
        tell: takes each promise before the next step is made.
    """
    parser = argparse.ArgumentParser(description="The gate that `gate-scanner bench ledger` cuts the power of.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, required=True, help="how many check-ins")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--start-anew", action="store_true", help="when the card refuses a write, die and start anew")
    parser.add_argument("--normal", action="store_true", help="write with synchronous=NORMAL, which must lose rows")
    asked = parser.parse_args()
    while True:
        try:
            _work(asked, tell)
        except LedgerUnavailable:  # it could not even be opened
            _refused(asked, tell)
        else:
            return 0


def _work(asked: argparse.Namespace, tell: Tell) -> None:
    chance = random.Random(asked.seed)
    sealer = Sealer(DEVICE_ID, [new_key_pair()[0]])
    new_epoch_at = chance.randrange(asked.rows // 2, asked.rows)
    with SqliteLedger.open(asked.folder, DEVICE_ID, sealer) as ledger, SqliteOutbox(asked.folder) as outbox:
        for number in range(1, asked.rows + 1):
            try:
                if asked.normal:
                    _loosen(ledger)
                _record(ledger, asked.folder, number, tell)
                if number % _DELIVER_EVERY == 0:
                    _deliver(outbox, chance.randint(1, 2 * _DELIVER_EVERY), tell)
                if number % _PRUNE_EVERY == 0:
                    outbox.prune(_KEEP_ROWS, _CHUNK_ROWS)
                if number == new_epoch_at:
                    ledger.condemn(ledger.epoch, "the benchmark says so")
            except LedgerUnavailable:
                _refused(asked, tell)


def _refused(asked: argparse.Namespace, tell: Tell) -> None:
    tell("refused")
    if asked.start_anew:
        # The same as being killed: nothing is closed, and what the kernel has in memory stays.
        os.execv(sys.executable, [*python_module(_MODULE), *sys.argv[1:]])


def _record(ledger: SqliteLedger, folder: Path, number: int, tell: Tell) -> None:
    seq = ledger.record(visitor(number, SystemClock()))
    uri = f"{(folder / FILE_NAME).absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as reader:
        (link,) = reader.execute("SELECT link FROM check_ins WHERE seq = ?", [seq]).fetchone()
    tell(f"recorded {ledger.epoch} {seq} {link.hex()}")


def _deliver(outbox: SqliteOutbox, rows: int, tell: Tell) -> None:
    batch = outbox.next_batch(rows, 1 << 19)
    if batch is not None:
        last = batch.rows[-1].seq
        tell(f"settling {batch.epoch} {last}")
        outbox.settle(batch, Receipt(last))
        tell(f"settled {batch.epoch} {last}")


def _loosen(ledger: SqliteLedger) -> None:
    """Break the promise on purpose."""
    if ledger._opened is not None:
        ledger._opened.connection.execute("PRAGMA synchronous = NORMAL")


if __name__ == "__main__":
    sys.exit(main())
