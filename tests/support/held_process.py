"""A process that SIGKILL does not get rid of, as one that a driver holds: its death is kept from its parent.

``python -m tests.support.held_process PID`` traces a process (ptrace(2)) and never looks at it. When that is killed it
is dead, and still there: its parent cannot reap it before the tracer has let go.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.children import python_module, surroundings

_PTRACE_SEIZE = 0x4206


@contextmanager
def held(pid: int) -> Iterator[None]:
    """Hold a process of this one's descendants until the end."""
    command = [*python_module("tests.support.held_process"), str(pid)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=surroundings()) as tracer:
        assert tracer.stdout is not None
        assert tracer.stdout.readline() == b"held\n"
        yield
        tracer.kill()


def main() -> None:
    if ctypes.CDLL(None, use_errno=True).ptrace(_PTRACE_SEIZE, int(sys.argv[1]), None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    sys.stdout.write("held\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
