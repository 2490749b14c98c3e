"""Runs inside the machine: the whole gate with visitors in view, until the kernel crashes under it.

What the gate says, and each time its green line is high, goes to the console, which outlives the machine.

    look_at_crash.py DELAY_MS: so long after the first answer
"""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from tests.appliance.guest.look_at_pins import GREEN, Chip, gate, pause

CRASH = Path("/proc/sysrq-trigger")


def main() -> None:
    delay_ms = int(sys.argv[1])
    chip, over = Chip(), threading.Event()

    def watch() -> None:
        lit = 0
        while not over.wait(0.02):
            level = chip.level(GREEN)
            if level and not lit:
                sys.stdout.write("GREEN\n")
                sys.stdout.flush()
            lit = level

    threading.Thread(target=watch, daemon=True).start()
    with subprocess.Popen(gate("run"), stderr=subprocess.PIPE, text=True, cwd="/tmp") as process:
        assert process.stderr is not None
        for line in process.stderr:
            sys.stdout.write(line)
            sys.stdout.flush()
            if " event=checked-in " in line:
                break
        pause(delay_ms / 1000)
        CRASH.write_text("c")
        pause(60)


if __name__ == "__main__":
    main()
