"""``gate-scanner check FILE``: is this site file, or this policy document, right?"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from device.settings.complaints import Complaints
from device.settings.load import load_any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``check``."""
    parser.description = (
        "Check a site file, with the policy it names, or a policy document: every mistake at once, "
        "as FILE:LINE:COL: key: what to write instead."
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the YAML file to check")


def run(args: argparse.Namespace) -> int:
    """Print ``FILE: ok`` and return 0, or print every mistake and return 78 (``EX_CONFIG``)."""
    try:
        load_any(args.file)
    except Complaints as complaints:
        _say(str(complaints))
        return os.EX_CONFIG
    _say(f"{args.file}: ok")
    return 0


def _say(text: str) -> None:
    """Print, with escapes for letters that this terminal cannot show."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))
