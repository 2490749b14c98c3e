"""``python -m tests.appliance.count FOLDER``: counts, on the machine with a Pi's processor, what a gate's work takes.

FOLDER has what the gate is to see (`tests.bench.pi_scene`); ``counted.json`` is put there. Root, and what the machine
needs: ``./setup.sh bench pi`` runs it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from tests.appliance.machine import MACHINE, Machine
from tests.appliance.workshop import build, workshop

_MOST_S: Final = "3600"
_JUMPING: Final = "shift=0,sleep=off"
"""The machine's clock, for `boot.sh`: where nothing is done it jumps, so that the host's clock is in no figure."""


def main(beside: Path) -> int:
    """Build the machine, unless it is kept, and boot it on the folder; 0 when it has counted."""
    if MACHINE != "arm64" or os.geteuid() != 0:
        print("it needs root and GATE_MACHINE=arm64: sudo ./setup.sh bench pi", file=sys.stderr)  # noqa: T201
        return 1
    with workshop() as folder:
        there = (folder / "machine" / "initrd").exists()  # it runs this checkout's gate: what was built before will do
        machine = Machine(folder / "tree", folder / "machine") if there else build(folder)
        machine.run("count.sh", beside, MACHINE_CLOCK=_JUMPING, MACHINE_TIMEOUT=_MOST_S)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
