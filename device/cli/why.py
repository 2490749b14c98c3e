"""``gate-scanner why``: the rules that the running gate asked for its last answers, and how each came out.

Asks the running gate, which remembers the last 200 answers since it started and nothing about persons.
``--json`` prints one object: ``policy``, ``trust`` (the list's file and age; null without one), ``inside`` and
``answers``, newest first.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from device.cli.argument_types import whole_number
from device.cli.arguments import add_example
from device.cli.running_gate import add_question, answer_of
from device.cli.table import print_lines, span
from device.gate.history import MOST
from device.words import heard, say


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
    yield say("policy {version}, in force here for {span}", version=policy["version"], span=span(policy["in_force_s"]))
    if policy["next_version"]:
        yield "  " + say("then {version}, from {time}", version=policy["next_version"], time=policy["next_from"])
    yield from _refused(policy["refused"])
    if (trust := told["trust"]) is not None:
        file = trust["file"] or say("of the hub")
        yield say("trust list {file}, {aged}", file=file, aged=_aged(trust["age_s"]))
        yield from _refused(trust["refused"])
    yield from _bundles(told["bundles"])
    yield say("inside {count}, counted since the gate started", count=told["inside"])
    for answer in told["answers"]:
        yield ""
        yield _headline(answer)
        yield f"    {' '.join(answer['rules']) or say('no rule was asked')}"


def _refused(mistakes: Iterable[str]) -> Iterator[str]:
    for mistake in mistakes:
        yield "  " + say("its file was changed and refused: {mistake}", mistake=heard(mistake))


def _bundles(told: Mapping[str, Any] | None) -> Iterator[str]:
    """Tell what was taken over from the hub."""
    for one in [] if told is None else told["kinds"]:
        kind, version = one["kind"], one["version"]
        if version is None:
            yield say("{kind} of the hub: none yet", kind=kind)
        elif one["old"]:
            until = one["valid_until"]
            yield say(
                "{kind} of the hub: version {version}, {aged}; OLD since {time}",
                kind=kind,
                version=version,
                aged=_aged(one["age_s"]),
                time=until,
            )
        else:
            yield say(
                "{kind} of the hub: version {version}, {aged}", kind=kind, version=version, aged=_aged(one["age_s"])
            )
        if one["refused"]:
            yield "  " + say("another was refused: {why}", why=heard(one["refused"]))
    if told is not None and told["error"]:
        yield "  " + say("the hub's bundles are not refreshed: {why}", why=heard(told["error"]))


def _aged(seconds: int | None) -> str:
    return say("of unknown age") if seconds is None else say("written {span} ago", span=span(seconds))


def _headline(answer: Mapping[str, Any]) -> str:
    words = [
        answer["at"] if answer["clock_trusted"] else say("{time} (clock not trusted)", time=answer["at"]),
        answer["cue"],
        answer["reason"],
        answer["kind"] or say("button"),
        answer["direction"],
        say("no row") if answer["row"] is None else say("row {seq}", seq=answer["row"]),
        *([] if answer["policy"] is None else [say("by {policy}", policy=answer["policy"])]),
    ]
    return "  ".join(words)
