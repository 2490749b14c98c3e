"""``gate-scanner doctor card`` and ``doctor service``: measure the machine a gate stands on."""

from __future__ import annotations

import argparse
import errno
import json
import os
import signal
import sys
import tempfile
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Final

from device.cli.argument_types import a_path, whole_number
from device.cli.arguments import SITE, add_command, add_example
from device.cli.owner import not_the_owner
from device.cli.table import print_table
from device.doctor import card, service
from device.doctor.finding import Verdict
from device.durable import why_not
from device.errors import Complaints, GateScannerError, shown
from device.settings.load import load
from device.store.limits import MOST_ROWS
from device.words import say, sentence, why_of

_DESCRIPTION: Final = """
Measure the machine a gate stands on: its SD card, and the service on it. A warning is about what may be well and
cannot be told from here; it does not count in the exit code.
"""
_ANOTHER: Final = sentence("{why}: choose another --folder")
_ADVICE: Final = {
    errno.ENOSPC: ("", os.EX_CANTCREAT),
    errno.EDQUOT: ("", os.EX_CANTCREAT),
    errno.EROFS: (sentence("{why}: check the card"), os.EX_CANTCREAT),
    errno.EIO: (sentence("{why}: the card gives read or write errors: replace it"), os.EX_IOERR),
    errno.EACCES: (_ANOTHER, os.EX_NOPERM),
    errno.EPERM: (_ANOTHER, os.EX_NOPERM),
}
_VERDICTS: Final = {
    Verdict.GOOD: sentence("good"),
    Verdict.WARNING: sentence("WARNING"),
    Verdict.FAILURE: sentence("FAILURE"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    exits = "0 good, 1 see to something, 73 no room, 74 disk errors, 77 not allowed, 78 the site file has mistakes"
    add_example(parser, "card", exits)
    parser.description = " ".join(_DESCRIPTION.split())
    checks = parser.add_subparsers(dest="check", metavar="CHECK", required=True)
    line = "is this SD card honest, and how long does recording a check-in take"
    card_arguments(add_command(checks, "card", line, "--folder /mnt --json", exits))
    line = "how soon is the service ready, how much memory does it take, how soon does it end"
    service_arguments(
        add_command(checks, "service", line, "--seconds 30", "0 done, 1 it does not run here, 73 no room")
    )


def card_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``doctor card`` takes."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--folder", type=a_path, metavar="DIR", help="any folder on the disk to be measured")
    where.add_argument("--config", type=a_path, default=SITE, metavar="FILE", help=f"the gate's site file ({SITE})")
    parser.add_argument(
        # of one there are no percentiles
        "--rows",
        type=whole_number(2, MOST_ROWS),
        default=500,
        metavar="N",
        help="check-ins to record (500)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object: findings, and all figures")
    parser.set_defaults(run_check=run_card)


def service_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``doctor service`` takes."""
    parser.add_argument(
        "--seconds",
        type=whole_number(0, 3_600),
        default=10,
        metavar="N",
        help="how long it runs before memory is read (default 10)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run_check=run_service)


def run(args: argparse.Namespace) -> int:
    """Run one check; however it ends, it leaves nothing behind."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    code = args.run_check(args)
    assert isinstance(code, int)
    return code


def run_card(args: argparse.Namespace) -> int:
    """Check a disk: 0 good, 1 something to see to; 73 no room, 74 errors, 77 not allowed, 78 the site file is wrong."""
    try:
        folder = args.folder or load(args.config).store.folder
    except Complaints as mistakes:
        print(mistakes, say("or name a folder: gate-scanner doctor card --folder DIR"), sep="\n", file=sys.stderr)
        return os.EX_CONFIG
    try:
        seen = card.examine(folder, args.rows, _begun)
    except OSError as error:
        return _not_measured(folder, error, card.needed_bytes(args.rows))
    except GateScannerError as error:
        print(shown(str(error), 4_096), file=sys.stderr)
        return 1
    found = card.findings(seen)
    if args.json:
        print(json.dumps({"findings": [asdict(finding) for finding in found], **asdict(seen)}, ensure_ascii=False))
    else:
        rows = [((one.name, _word(one.verdict), one.told), ("", "", one.advice)) for one in found]
        print_table(chain.from_iterable(rows), "<9", "<7", "")
    return 1 if any(finding.verdict is Verdict.FAILURE for finding in found) else 0


def run_service(args: argparse.Namespace) -> int:
    """Run the service once: 0; 1 when it does not run here, 73 when there is no room for its scratch folder."""
    try:
        figures = service.measure(args.seconds)
    except GateScannerError as error:
        print(shown(str(error), 4_096), file=sys.stderr)
        return 1
    except OSError as error:
        where = tempfile.gettempdir()
        why = why_not(error, Path(where), 50_000_000)
        what = sentence("doctor: {why} in {folder}: it needs 50 MB; set TMPDIR to a larger folder")
        print(say(what, why=why, folder=where), file=sys.stderr)
        return os.EX_CANTCREAT
    print(json.dumps(asdict(figures)) if args.json else "\n".join(service.lines(figures)))
    return 0


def _word(verdict: Verdict) -> str:
    return say(_VERDICTS[verdict])


def _begun(scratch: Path) -> None:
    """Say what takes the time: a slow card needs half a minute."""
    print(say("writing to {folder} …", folder=shown(str(scratch), 4_096)), file=sys.stderr, flush=True)


def _not_measured(folder: Path, error: OSError, needed_bytes: int) -> int:
    """Say in one line why the disk could not be measured and what to do; return the exit code."""
    advice, code = _ADVICE.get(error.errno or 0, (_ANOTHER, os.EX_NOINPUT))
    advice = say(advice, why=why_of(error)) if advice else why_not(error, folder, needed_bytes)
    owner = not_the_owner(folder) if code in (os.EX_NOPERM, os.EX_NOINPUT) else ""
    print(shown(owner or f"{folder}: {advice}", 4_096), file=sys.stderr)
    return code
