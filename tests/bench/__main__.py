"""The benchmarks: ``./setup.sh bench NAME`` measures what the project promises."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from types import ModuleType

BENCHES = {
    "camera": "how much of its sensor each Pi camera shows, and the pace that this machine's decoder keeps up with",
    "decode": "what naive pyzbar and the gate's decoder read, and what it costs",
    "desk": "how long the pages for people take at a hub of ten thousand gates and places, in PostgreSQL",
    "damage": "change one bit of a ledger at a time, and count the check-ins that are lost",
    "desk-memory": "what a hub with its pages for people takes in memory, after log-ins and a look at every page",
    "eye": "how long the gate is without a sight while a killed eye does not end",
    "gates": "let ten thousand gates say how they stand, and see what that costs a hub",
    "ledger": "kill the gate at random moments and count what is lost",
    "sync": "deliver through lost answers and deaths, count what arrived, and how fast it goes",
    "lists": "memory and time of a list of a million people",
    "pi": "what a gate does on an emulated Pi, in instructions: frame to lamp, start, share of a core, memory",
    "service": "start to ready, and the memory of gate and eye",
    "poster": "how long a poster as PDF takes, and a sign and a notice",
    "status": "ask a far hub about visitors, and count who is answered within the deadline",
    "thief": "steal the state folder of a gate, guess who came, and see what the card tells",
    "hub": "flood the hub, be slow on purpose, come with a hundred gates at once, and see who is kept out",
    "hub-crowd": "two thousand gates come back at once over a line that loses answers, while others ask about people",
    "hub-database": "rows a second into SQLite and PostgreSQL, by themselves and over TLS, and the memory of hubs",
    "hub-forget": "how long a hub takes to forget a day of any number of check-ins, and what room it has after",
    "hub-start": "how long a hub takes from its start until it serves, with any number of check-ins",
    "times": "what a hub spends on the time of a check-in, and how long the worst batch keeps the others out",
    "trust": "recognising, verifying and deciding, and every hostile text",
    "wall": "what the wall round the eye costs, and what code inside reaches in spite of it",
}
"""Each benchmark and its one line; ``tests.bench.NAME``, with _ for -, offers ``add_arguments`` and ``run``."""


def whole_parser() -> tuple[argparse.ArgumentParser, dict[str, ModuleType]]:
    """Return the parser of every benchmark, and the module of each."""
    parser = argparse.ArgumentParser(prog="./setup.sh bench", description="Measure what the project promises.")
    benches = parser.add_subparsers(dest="bench", metavar="NAME", required=True)
    modules = {name: importlib.import_module(f"tests.bench.{name.replace('-', '_')}") for name in BENCHES}
    for name, line in BENCHES.items():
        modules[name].add_arguments(benches.add_parser(name, help=line, description=line))
    return parser, modules


def main(words: Sequence[str] | None = None) -> int:
    """Run one benchmark; return its exit code: 0 when each promise held."""
    parser, modules = whole_parser()
    arguments = parser.parse_args(words)
    try:
        code = modules[arguments.bench].run(arguments)
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130
    assert isinstance(code, int)
    return code


if __name__ == "__main__":
    sys.exit(main())
