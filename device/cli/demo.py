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
from typing import Final

from device.cli.argument_types import a_path, whole_number
from device.cli.arguments import add_example
from device.clock import SystemClock
from device.errors import CameraError, shown
from device.monitor.log_format import start_log
from device.words import heard, say, why_of

_MOST_SEED: Final = 1_000_000
_MOST_ROUNDS: Final = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Show the whole gate working, without a Pi: visitors are drawn into camera frames, and a real gate and a real "
        "hub answer them; only the pins are pretended. With --images your own photos of codes are held up instead. "
        "Nothing of it is kept."
    )
    exits = "0 all agrees, 1 it does not, or nothing was read; 2 a wrong word, or no photo is there"
    add_example(parser, "--images photos", exits)
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--images", type=a_path, metavar="DIR", help="hold your own photos before the gate")
    line = "afterwards leave the hub's pages up, with an account, a place and visitors, until Ctrl-C"
    instead.add_argument("--desk", action="store_true", help=line)
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of text")
    seed = whole_number(0, _MOST_SEED)
    parser.add_argument("--seed", type=seed, default=1, metavar="N", help="invents the visitors (default 1)")
    rounds = whole_number(1, _MOST_ROUNDS)
    line = "let the script play so many times (default 1); each takes half a minute and 300 MB in the temporary folder"
    parser.add_argument("--rounds", type=rounds, default=1, metavar="N", help=line)


def run(arguments: argparse.Namespace) -> int:
    """Run the demo; 0 only when everything agrees. However it ends, it leaves nothing behind."""
    start_log("error")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        with tempfile.TemporaryDirectory(prefix="gate-scanner-demo-") as folder:
            return _play(Path(folder), arguments)
    except ModuleNotFoundError as error:  # a gate is installed without it
        told = say("no demo is installed here ({name} is missing): run ./setup.sh demo in a checkout", name=error.name)
        print(told, file=sys.stderr)
        return 1
    except CameraError as error:
        why = heard(str(error).removeprefix("camera.replay.path: "))
        print(f"{_subject(arguments)}: {why}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads; what is buffered has nowhere to go
        return 1
    except OSError as error:
        told = say(
            "demo: {why} in {folder}: it needs about 300 MB; set TMPDIR to a larger folder",
            why=why_of(error),
            folder=tempfile.gettempdir(),
        )
        print(told, file=sys.stderr)
        return 1


def _play(folder: Path, arguments: argparse.Namespace) -> int:
    from device.demo.desk import OpenDesk  # noqa: PLC0415 - needs what only a demo installs
    from device.demo.screen import choose  # noqa: PLC0415 - same
    from device.demo.show import photos, visitors  # noqa: PLC0415 - same

    with closing(choose(as_json=arguments.json)) as screen:
        if arguments.images is not None:
            return photos(folder, SystemClock(), screen, arguments.images.absolute())
        clock = SystemClock()
        desk = OpenDesk(screen, clock, sys.stdin) if arguments.desk else None
        return visitors(folder, clock, screen, seed=arguments.seed, rounds=arguments.rounds, desk=desk)


def _subject(arguments: argparse.Namespace) -> str:
    return "demo" if arguments.images is None else f"--images {shown(str(arguments.images), 4_096)}"


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
