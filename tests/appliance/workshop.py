"""Where the tree and the machine are built, and for how long that is kept."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.appliance.machine import HERE, MACHINE, NATIVE, Machine, run

MADE_FROM = (
    *(
        "build_tree.sh",
        "build_machine.sh",
        "in_tree.sh",
        "machines.sh",
        "gpio_sim.h",
        "pi_firmware.c",
        "pi_packages.txt",
    ),
    *("guest/pi_packages.sh", "guest/first.sh", "off_pi/heap.c", "off_pi/virtual.yaml"),
)
"""Everything but the gate itself, which setup.sh brings up to date in the tree each time."""
KEPT_DAYS = 7
_PREFIX = "gate-appliance-cache-"
_PLACE = Path("/var/tmp")


def cache_name() -> str:
    """Return the name of the folder that keeps what these files make: another one as soon as one of them changes."""
    made_from = hashlib.sha256(MACHINE.encode())
    for name in MADE_FROM:
        made_from.update(f"{name}\n{hashlib.sha256((HERE / name).read_bytes()).hexdigest()}\n".encode())
    return f"{_PREFIX}{made_from.hexdigest()[:16]}"


def forget_old(place: Path, used: Path, now_s: float) -> None:
    """Remove the caches in *place* that nobody used for a week; *used* is used now."""
    os.utime(used, (now_s, now_s))
    for old in place.glob(f"{_PREFIX}*"):
        if old != used and old.stat().st_mtime < now_s - KEPT_DAYS * 86400:
            shutil.rmtree(old)


@contextmanager
def workshop() -> Iterator[Path]:
    """Lend a folder: $GATE_APPLIANCE; or one that ends with the tests, where the tree is built in a minute or two.

    One for another processor takes longer, and is kept by what it is made from. One run has it at a time: others wait.
    """
    if kept := os.environ.get("GATE_APPLIANCE"):
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
    elif NATIVE:
        with tempfile.TemporaryDirectory(prefix="gate-appliance-", dir=_PLACE) as passing:
            yield Path(passing)
    else:
        folder = _PLACE / cache_name()
        folder.mkdir(exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            forget_old(_PLACE, folder, time.time())
            yield folder


def build(folder: Path) -> Machine:
    """Build in *folder* what is not there yet; the gate in the tree is brought up to date each time."""
    run(HERE / "build_tree.sh", folder / "tree")
    run(HERE / "build_machine.sh", folder / "tree", folder / "machine")
    return Machine(folder / "tree", folder / "machine")


if __name__ == "__main__":  # ./setup.sh test --appliance --build
    with workshop() as place:
        build(place)
