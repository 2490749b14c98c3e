"""``gate-scanner bench`` where not every package is installed, as on a gate."""

from __future__ import annotations

import subprocess
import sys

WITHOUT = "import sys; sys.modules['segno'] = None; from device.cli import main; sys.exit(main(sys.argv[1:]))"


def test_a_gate_that_can_draw_no_visitors_still_measures_the_rest() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, "bench", "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert " ledger " in done.stdout
    assert " decode " not in done.stdout
