"""One event is one line, whatever a message holds."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "hostile", ["\\n<0>event=door-open", "\\x1b[2J", "\\x9b2J", "\\u202e", "\\u2028", "\\udc80", "\\0"]
)
def test_a_line_of_the_log_has_nothing_that_a_terminal_obeys(hostile: str) -> None:
    program = (
        "import logging; from device.monitor.log_format import start_log; start_log('info');"
        f"logging.getLogger('x').warning('event=eye-lost reason=%s', 'dây cáp{hostile}!')"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, encoding="utf-8")
    (line,) = run.stderr.splitlines()
    assert line.isprintable()
    assert line.startswith("WARNING x event=eye-lost reason=dây cáp")
