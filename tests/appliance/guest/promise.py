"""Runs inside the machine: the gate's own ledger at work on the recorded disk, what it promises written beside it.

A promise is one sector past the file system's end, written straight to the disk and without a flush: the record has it
in order with the ledger's writes, and nothing of the ledger becomes durable because of it.

    promise.py DISK END FOLDER --rows N --seed S [--normal]
"""

from __future__ import annotations

import mmap
import os
import sys

sys.path.append("/src")  # the checkout comes last: the program is the one that is installed

from tests.bench import powercut_child

SECTOR = 512


def main() -> int:
    disk, end = os.open(sys.argv[1], os.O_WRONLY | os.O_DIRECT), int(sys.argv[2])
    sys.argv[1:] = sys.argv[3:]
    page = mmap.mmap(-1, mmap.PAGESIZE)  # direct writes want memory that begins at a page

    def tell(line: str) -> None:
        page[:SECTOR] = f"{line}\n".encode("ascii").ljust(SECTOR, b"\0")
        os.pwrite(disk, memoryview(page)[:SECTOR], end)

    return powercut_child.main(tell)


if __name__ == "__main__":
    sys.exit(main())
