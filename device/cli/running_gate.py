"""Questions to the running gate from the command line, over its control socket."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from device.cli.arguments import SITE, add_config
from device.monitor.control_socket import SOCKET, ask
from device.settings.load import load

_RUNTIME = Path("/run/gate-scanner")


def add_question(parser: argparse.ArgumentParser) -> None:
    """Declare what every question to the running gate has: ``--json`` and ``--config``."""
    parser.add_argument("--json", action="store_true", help="one JSON object, for machines")
    add_config(parser, default=None)


def answer_of(args: argparse.Namespace, question: str, **terms: object) -> Any:  # noqa: ANN401 - whatever JSON it says
    """Ask the gate of ``args.config``.

    Raises:
        GateSilent: no gate runs, or it does not answer.
        Complaints: the site file has mistakes.
    """
    return ask(gate_folder(args.config), question, **terms)


def gate_folder(config: Path | None) -> Path:
    """Return where the running gate listens: its runtime folder under systemd, else its store.

    Raises:
        Complaints: the site file has mistakes.
    """
    if config is None and (_listens(_RUNTIME) or not SITE.exists()):
        return _RUNTIME
    store = load(config or SITE).store.folder
    return store if _listens(store) or not _listens(_RUNTIME) else _RUNTIME


def _listens(folder: Path) -> bool:
    """Return whether a gate listens there, as far as this user may see: where he may not, `ask` tells him who may."""
    try:
        return (folder / SOCKET).exists()
    except PermissionError:
        return True
