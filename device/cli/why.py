"""``gate-scanner why``: the rules that the running gate asked for its last answers, and how each came out.

Asks the running gate, which remembers the last 200 answers since it started and nothing about persons.
``--json`` prints one object: ``policy``, ``trust`` (the list's file and age; null without one), ``inside`` and
``answers``, newest first.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

from device.cli.argument_types import whole_number
from device.cli.arguments import add_example
from device.cli.running_gate import add_question, answer_of
from device.cli.table import print_lines, span
from device.gate.history import MOST


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``why``."""
    parser.description = (
        "Say which rules the running gate asked for its last answers, and how each came out. "
        "It knows those since it started, and nothing about persons."
    )
    exits = "0 done, 1 no gate answers, 2 a wrong word, 78 the site file has mistakes"
    add_example(parser, "--last 3", exits)
    parser.add_argument(
        "--last", type=whole_number(1, MOST), default=10, metavar="N", help=f"so many answers (10; at most {MOST})"
    )
    add_question(parser)


def run(args: argparse.Namespace) -> int:
    """Print the answers; 0, 1 when no gate answers, 78 when the site file has mistakes."""
    told = answer_of(args, "why", last=args.last)
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        print_lines(_lines(told))
    return 0


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    policy = told["policy"]
    yield f"policy {policy['version']}, in force here for {span(policy['in_force_s'])}"
    if policy["next_version"]:
        yield f"  then {policy['next_version']}, from {policy['next_from']}"
    for mistake in policy["refused"]:
        yield f"  its file was changed and refused: {mistake}"
    if (trust := told["trust"]) is not None:
        yield f"trust list {trust['file'] or 'of the hub'}, {_aged(trust['age_s'])}"
        for mistake in trust["refused"]:
            yield f"  its file was changed and refused: {mistake}"
    yield from _bundles(told["bundles"])
    yield f"inside {told['inside']}, counted since the gate started"
    for answer in told["answers"]:
        yield ""
        yield _headline(answer)
        yield f"    {' '.join(answer['rules']) or 'no rule was asked'}"


def _bundles(told: Mapping[str, Any] | None) -> Iterator[str]:
    """Tell what was taken over from the hub."""
    for one in [] if told is None else told["kinds"]:
        if one["version"] is None:
            yield f"{one['kind']} of the hub: none yet"
        else:
            old = f"; OLD since {one['valid_until']}" if one["old"] else ""
            yield f"{one['kind']} of the hub: version {one['version']}, {_aged(one['age_s'])}{old}"
        if one["refused"]:
            yield f"  another was refused: {one['refused']}"
    if told is not None and told["error"]:
        yield f"  the hub's bundles are not refreshed: {told['error']}"


def _aged(seconds: int | None) -> str:
    return "of unknown age" if seconds is None else f"written {span(seconds)} ago"


def _headline(answer: Mapping[str, Any]) -> str:
    words = [
        answer["at"] if answer["clock_trusted"] else f"{answer['at']} (clock not trusted)",
        answer["cue"],
        answer["reason"],
        answer["kind"] or "button",
        answer["direction"],
        "no row" if answer["row"] is None else f"row {answer['row']}",
        *([] if answer["policy"] is None else [f"by {answer['policy']}"]),
    ]
    return "  ".join(words)
