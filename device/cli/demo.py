"""``gate-scanner demo``: the whole gate, without a Pi."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from device.clock import SystemClock
from device.errors import CameraUnavailable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--images", type=Path, metavar="DIR", help="hold your own photos before the gate")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of text")
    parser.add_argument("--seed", type=int, default=1, help="invents the visitors (default 1)")
    parser.add_argument("--rounds", type=int, default=1, help="let the script play so many times (default 1)")


def run(arguments: argparse.Namespace) -> int:
    """Run the demo; 0 only when everything agrees."""
    from device.demo.screen import choose  # noqa: PLC0415 - needs what only a demo installs
    from device.demo.show import photos, visitors  # noqa: PLC0415 - same

    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(levelname)s %(name)s %(message)s")
    screen, clock = choose(as_json=arguments.json), SystemClock()
    with tempfile.TemporaryDirectory(prefix="gate-scanner-demo-") as folder:
        try:
            if arguments.images is not None:
                return photos(Path(folder), clock, screen, arguments.images.absolute())
            return visitors(Path(folder), clock, screen, seed=arguments.seed, rounds=max(1, arguments.rounds))
        except CameraUnavailable as error:
            print(f"--images: {str(error).removeprefix('camera.replay.path: ')}", file=sys.stderr)
            return 2
