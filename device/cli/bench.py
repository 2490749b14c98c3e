"""``gate-scanner bench WHAT``: measure what the project promises."""

from __future__ import annotations

import argparse
import importlib

BENCHES = {
    "decode": "what naive pyzbar and the gate's decoder read, and what it costs",
    "ledger": "kill the gate at random moments and count what is lost",
    "sync": "deliver through lost answers and deaths, count what arrived, and how fast it goes",
    "lists": "memory and time of a list of a million people",
    "service": "start to ready, and the memory of gate and eye",
    "thief": "steal the state folder of a gate, guess who came, and see what the card tells",
    "trust": "recognising, verifying and deciding, and every hostile text",
}
"""Each bench and its one line; ``device.bench.NAME`` offers ``add_arguments`` and ``run``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare a sub-command for each bench whose packages are here: a gate draws no visitors and runs no hub."""
    benches = parser.add_subparsers(dest="bench", metavar="WHAT", required=True)
    for name, line in BENCHES.items():
        try:
            module = importlib.import_module(f"device.bench.{name}")
        except ModuleNotFoundError as missing:
            if (missing.name or "").startswith("device"):
                raise
            continue
        module.add_arguments(benches.add_parser(name, help=line, description=line))


def run(arguments: argparse.Namespace) -> int:
    """Run one bench; its exit code."""
    code = importlib.import_module(f"device.bench.{arguments.bench}").run(arguments)
    assert isinstance(code, int)
    return code
