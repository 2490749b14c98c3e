"""``gate-scanner queue (list | parked | retry SEQ | drop SEQ)``: what waits, what the hub refused, once more, or never.

It works beside a running gate. Nothing it prints tells who came: that is sealed here too.
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from typing import Final

from device.app.destination import alone, destination_of, webhook_of
from device.cli.argument_types import whole_number
from device.cli.arguments import EXITS, add_command, add_config, add_example
from device.cli.owner import not_the_owner
from device.cli.table import print_table
from device.clock import ClockState, SystemClock, utc_text
from device.enrolment import document as enrolment
from device.errors import ConfigurationError
from device.model import Batch, SealedRow
from device.ports import Uplink
from device.settings.load import load
from device.settings.schema import Site
from device.store.limits import MOST_ROWS
from device.store.outbox import SqliteOutbox
from device.store.reading import LedgerReader
from device.store.schema import FILE_NAME
from device.words import say, sentence

_CLOCKS: Final = {
    ClockState.SYNCHRONISED: sentence("synchronised"),
    ClockState.UNSYNCHRONISED: sentence("unsynchronised"),
}
_MOST_SEQ: Final = 2**63 - 1
"""As SQLite has it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Show what waits for the hub and what it has refused (parked), and decide about what is parked. "
        "It works beside a running gate, as its user, and tells nobody who came."
    )
    exits = f"{EXITS}, 78 the site file must be changed"
    add_example(parser, "list", exits)
    add_config(parser)
    commands = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    listing = add_command(commands, "list", "check-ins that wait, the oldest first", "--most 100", exits)
    listing.add_argument(
        "--most", type=whole_number(1, MOST_ROWS), default=20, metavar="N", help="how many lines (default 20)"
    )
    parked = add_command(commands, "parked", "check-ins the hub has refused, and why", exits=exits)
    retry = add_command(commands, "retry", "offer a refused check-in once more, now", "17", exits)
    drop = add_command(
        commands, "drop", "give a refused check-in up: it is deleted like the delivered ones", "17", exits
    )
    for once in (retry, drop):
        once.add_argument("seq", type=whole_number(1, _MOST_SEQ), metavar="SEQ", help="its number, from `parked`")
    for below in (listing, parked, retry, drop):
        add_config(below, default=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Run one of the four: 0 done, 1 not possible or refused again, 78 the site file must be changed."""
    site = load(arguments.config)
    if why := not_the_owner(site.store.folder):
        print(why, file=sys.stderr)
        return 1
    ledger = site.store.folder / FILE_NAME
    if not ledger.exists():
        known = (site.store.folder / enrolment.FILE_NAME).exists()
        told = sentence("{file}: there is none; a gate makes it once it is enrolled")
        if known:
            told = sentence("{file}: there is none; nothing was recorded yet, or it was removed")
        elif alone(arguments.config, site):
            told = sentence("{file}: there is none; a gate that works alone makes it after: gate-scanner lone init")
        print(say(told, file=ledger), file=sys.stderr)
        return 1
    if arguments.what == "list":
        return _list(site, arguments.most)
    if arguments.what == "drop":
        return _drop(site, arguments.seq)
    return _parked(site) if arguments.what == "parked" else _retry(site, arguments)


def _list(site: Site, most: int) -> int:
    with SqliteOutbox(site.store.folder) as outbox:
        backlog = outbox.backlog()
    told = say(
        "{waiting} waiting of {recorded} recorded, {parked} parked",
        waiting=backlog.undelivered,
        recorded=backlog.recorded,
        parked=backlog.parked,
    )
    print(told)
    if site.hub is None and webhook_of(site) is None:
        print(say("this gate has no hub; what it recorded is read with: gate-scanner lone export"))
    with LedgerReader(site.store.folder) as ledger:
        waiting = islice((row for row in ledger.rows() if row.seq > ledger.cursor), most)
        print_table(map(_cells, waiting), ">9", "", "", "", "")
    if backlog.undelivered > most:
        print(say("and {count} more waiting", count=backlog.undelivered - most))
    return 0


def _parked(site: Site) -> int:
    with LedgerReader(site.store.folder) as ledger:
        print_table([(str(seq), reason) for seq, reason in ledger.parked], ">9", "")
        if not ledger.parked:
            print(say("nothing is parked"))
    return 0


def _drop(site: Site, seq: int) -> int:
    with SqliteOutbox(site.store.folder) as outbox:
        if not outbox.unpark(seq):
            print(say("{seq}: is not parked; see: gate-scanner queue parked", seq=seq), file=sys.stderr)
            return 1
    print(say("{seq}: given up; it is deleted when it is as old as store.keep_delivered", seq=seq))
    return 0


def _retry(site: Site, arguments: argparse.Namespace) -> int:
    seq: int = arguments.seq
    enrolled = enrolment.read(site.store.folder / enrolment.FILE_NAME)
    if enrolled is None:
        raise ConfigurationError(say("this gate is not enrolled: gate-scanner enrol"))
    centre = destination_of(site, enrolled, SystemClock())
    if centre is None:
        raise ConfigurationError(alone(arguments.config, site))
    with SqliteOutbox(site.store.folder) as outbox:
        batch = outbox.parked_batch(seq)
        if batch is None:
            print(say("{seq}: is not parked; see: gate-scanner queue parked", seq=seq), file=sys.stderr)
            return 1
        try:
            return _offer(outbox, centre.uplink, batch)
        finally:
            centre.uplink.close()


def _offer(outbox: SqliteOutbox, uplink: Uplink, batch: Batch) -> int:
    seq = batch.rows[0].seq
    receipt = uplink.deliver(batch)
    if receipt.cursor < seq:
        told = say("{seq}: the hub lacks rows before it and has not taken it; try again", seq=seq)
        print(told, file=sys.stderr)
        return 1
    if receipt.parked:
        why = receipt.parked[0][1]
        told = say("{seq}: the hub keeps it apart again ({why}); it stays parked here", seq=seq, why=why)
        print(told, file=sys.stderr)
        return 1
    outbox.unpark(seq)
    print(say("{seq}: taken", seq=seq))
    return 0


def _cells(row: SealedRow) -> tuple[str, ...]:
    sealed = say("{count} sealed bytes", count=len(row.sealed))
    clock = say("clock {state}", state=say(_CLOCKS[row.at.state]))
    return str(row.seq), utc_text(row.at.wall_ms), clock, row.direction.value, sealed
