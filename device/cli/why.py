"""``gate-scanner why``: which rules did the running gate ask for its last answers, and how did each come out?

Asks the running gate, which remembers the last 200 answers since it started and nothing about persons.
``--json`` prints one object: ``policy``, ``trust`` (the list's file and age; null without one), ``inside`` and
``answers``, newest first.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from device.errors import Complaints, GateSilent, shown
from device.gate.history import MOST
from device.monitor.control_socket import SOCKET, ask
from device.settings.load import load

_RUNTIME = Path("/run/gate-scanner")
_SITE = Path("/etc/gate-scanner/site.yaml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``why``."""
    parser.add_argument("--last", type=int, default=10, metavar="N", help=f"so many answers (10; at most {MOST})")
    parser.add_argument("--json", action="store_true", help="one JSON object, for machines")
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"the gate's site file ({_SITE})")


def run(args: argparse.Namespace) -> int:
    """Print the answers; 0, 1 when no gate answers, 78 when the site file has mistakes."""
    try:
        told: Any = ask(gate_folder(args.config), "why", last=max(0, args.last))
    except GateSilent as silence:
        print(shown(str(silence), 4_096), file=sys.stderr)
        return 1
    except Complaints as mistakes:
        print(mistakes, file=sys.stderr)
        return 78
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        for line in _lines(told):
            print(shown(line, 4_096))
    return 0


def gate_folder(config: Path | None) -> Path:
    """Return where the running gate listens: its runtime folder under systemd, else its store."""
    if config is None and ((_RUNTIME / SOCKET).exists() or not _SITE.exists()):
        return _RUNTIME
    store = load(config or _SITE).store.folder
    return store if (store / SOCKET).exists() or not (_RUNTIME / SOCKET).exists() else _RUNTIME


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


def span(seconds: int) -> str:
    """Return a time in the words of a person."""
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if seconds < 60:
        return f"{seconds} s"
    return f"{days} days" if days > 1 else f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
