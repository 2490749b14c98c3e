"""``python -m tests.appliance.count FOLDER``: counts, on the machine with a Pi's processor, what a gate's work takes.

FOLDER has what the gate is to see (`tests.bench.pi_scene`); ``counted.json`` is put there. Root, and what the machine
needs: ``./setup.sh bench pi`` runs it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from tests.appliance.machine import HERE, MACHINE, Machine, run
from tests.appliance.workshop import workshop

_MOST_S: Final = "3600"


def main(beside: Path) -> int:
    """Build the machine, unless it is kept, and boot it on the folder; 0 when it has counted."""
    if MACHINE != "arm64" or os.geteuid() != 0:
        print("it needs root and GATE_MACHINE=arm64: sudo ./setup.sh bench pi", file=sys.stderr)  # noqa: T201
        return 1
    with workshop() as folder:
        tree, built = folder / "tree", folder / "machine"
        if not (built / "initrd").exists():  # it runs this checkout's gate, so what was built before will do
            run(HERE / "build_tree.sh", tree)
            run(HERE / "build_machine.sh", tree, built)
        Machine(tree, built).run("count.sh", beside, MACHINE_TIMEOUT=_MOST_S)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
