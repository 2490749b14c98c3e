"""Runs inside the Debian tree: the whole gate, killed again and again while it answers visitors.

    look_at_kills.py KILLS SEED

Then the benchmark's ledger process, some of it killed between commit and lamp for certain (`tests.bench.kills`).
Writes to ``/beside/kills.json`` which rows the gate had told as green before it died, and what the benchmark found;
`tests/appliance/test_crash.py` holds the first against the ledger.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

sys.path.append("/src")  # the checkout comes last: the program is the one that is installed

from tests.bench.kills import kill_gates

GREEN = re.compile(r" event=checked-in seq=(\d+) ")  # told after the lamp; this gate refuses nobody
ANSWER = " event=checked-in "


def one_life(chance: random.Random) -> tuple[list[int], int]:
    """Start the gate, let it answer a few visitors, kill it; return the rows it told as green, and its answers."""
    command = [str(Path(sys.executable).with_name("gate-scanner")), "run", "--config", "/beside/site.yaml"]
    answers_wanted, told = chance.randint(1, 4), list[str]()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as gate:
        guard = threading.Timer(60, gate.kill)
        guard.start()
        assert gate.stderr is not None
        for line in gate.stderr:
            told.append(line)
            if sum(ANSWER in line for line in told) == answers_wanted:
                threading.Event().wait(chance.random() * 0.4)  # somewhere between this answer and the next but one
                break
        gate.kill()
        told += gate.stderr.readlines()
        guard.cancel()
    return [int(found[1]) for line in told if (found := GREEN.search(line))], sum(ANSWER in line for line in told)


def main() -> None:
    kills, chance = int(sys.argv[1]), random.Random(int(sys.argv[2]))
    lives = [one_life(chance) for _ in range(kills)]
    folder = Path("/beside/moments")
    folder.mkdir()
    moments = kill_gates(kills, int(sys.argv[2]), folder)
    seen = {"greens": [greens for greens, _ in lives], "moments": asdict(moments)}
    Path("/beside/kills.json").write_text(json.dumps(seen), encoding="ascii")
    sys.stdout.write(f"SAW {kills} kills of the gate, {sum(len(greens) for greens, _ in lives)} greens; {moments}\n")


if __name__ == "__main__":
    main()
