"""``gate-scanner demo``: the whole gate, without a Pi."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from types import FrameType

from device.cli.arguments import add_example
from device.clock import SystemClock
from device.errors import CameraError
from device.monitor.log_format import start_log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_example(parser, "--images photos")
    parser.add_argument("--images", type=Path, metavar="DIR", help="hold your own photos before the gate")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of text")
    parser.add_argument("--seed", type=int, default=1, help="invents the visitors (default 1)")
    parser.add_argument("--rounds", type=int, default=1, help="let the script play so many times (default 1)")


def run(arguments: argparse.Namespace) -> int:
    """Run the demo; 0 only when everything agrees. However it ends, it leaves nothing behind."""
    start_log("error")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        with tempfile.TemporaryDirectory(prefix="gate-scanner-demo-") as folder:
            return _play(Path(folder), arguments)
    except ModuleNotFoundError as error:  # a gate is installed without it
        print(
            f"no demo is installed here ({error.name} is missing): run ./setup.sh demo in a checkout", file=sys.stderr
        )
        return 1
    except CameraError as error:
        print(f"{_subject(arguments)}: {str(error).removeprefix('camera.replay.path: ')}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads; what is buffered has nowhere to go
        return 1
    except OSError as error:
        print(
            f"demo: {error.strerror} in {tempfile.gettempdir()}: it needs about 300 MB; set TMPDIR to a larger folder",
            file=sys.stderr,
        )
        return 1


def _play(folder: Path, arguments: argparse.Namespace) -> int:
    from device.demo.screen import choose  # noqa: PLC0415 - needs what only a demo installs
    from device.demo.show import photos, visitors  # noqa: PLC0415 - same

    with closing(choose(as_json=arguments.json)) as screen:
        if arguments.images is not None:
            return photos(folder, SystemClock(), screen, arguments.images.absolute())
        return visitors(folder, SystemClock(), screen, seed=arguments.seed, rounds=max(1, arguments.rounds))


def _subject(arguments: argparse.Namespace) -> str:
    return "demo" if arguments.images is None else "--images"


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
