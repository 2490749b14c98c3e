"""``gate-scanner hub gate list [--json]``: how every gate stands, and the alarms."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from typing import Final

from device.cli.table import print_table
from device.clock import SystemClock, utc_text
from device.hub.believed_clock import BelievedTime
from device.hub.db.gate_state import Standing
from device.hub.db.list_alarms import OUT_OF_TURN
from device.hub.db.partitions import ALARM_DAYS
from device.hub.db.queries import Alarm
from device.hub.folder import HubFolder
from device.hub.standing_words import STATES, ago, state_of, trouble_words
from device.words import number, say

_UNKNOWN: Final = "-"
_MOST_NAME: Final = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the list takes besides the folder."""
    parser.add_argument("--json", action="store_true", help="one JSON object: gates, alarms, the hub's time")


def list_gates(arguments: argparse.Namespace) -> int:
    """Print it."""
    folder = HubFolder(arguments.folder, SystemClock())
    store = folder.open_store()
    try:
        time, gates, alarms = folder.clock.now(), store.standings(), store.alarms()
        ahead = store.days_ahead()
    finally:
        store.close()
    if arguments.json:
        print(json.dumps(_document(time, gates, alarms), ensure_ascii=False))
        return 0
    if time.off_ms is not None:
        command = f"gate-scanner hub clock {arguments.folder}"
        print(say("ALARM the clock says {time}: see {command}", time=utc_text(time.said_ms), command=command))
    if ahead is not None and ahead < ALARM_DAYS:
        command = f"gate-scanner hub migrate {arguments.folder}"
        told = say(
            "ALARM the database is prepared for {days} days to come; see the hub's log, or run: {command}",
            days=ahead,
            command=command,
        )
        print(told)
    if not gates:
        command = f"gate-scanner hub code {arguments.folder} 'Main entrance'"
        print(say("no gate yet; for each: {command}", command=command))
    else:
        _print(gates, time.now_ms)
    names = {gate.device_id: gate.name for gate in gates}
    print_table([(names[alarm.device_id], alarm.device_id, _about(alarm)) for alarm in alarms], "", "<17", "")
    return 0


def _print(gates: Sequence[Standing], now_ms: int) -> None:
    twins = {name for name, count in Counter(gate.name for gate in gates).items() if count > 1}
    head = (
        say("name"), say("state"), say("last heard"), say("today"), say("unsent"), say("version"), say("trouble")
    )  # fmt: skip
    rows = [
        (
            f"{gate.name} ({gate.device_id})" if gate.name in twins else gate.name,
            say(STATES[state_of(gate, now_ms)]),
            _UNKNOWN if gate.heard_ms is None else ago((now_ms - gate.heard_ms) // 1000),
            _UNKNOWN if gate.scans is None else number(gate.scans, ","),
            _UNKNOWN if gate.waiting is None else number(gate.waiting, ","),
            gate.version or _UNKNOWN,
            ", ".join(map(trouble_words, gate.troubles)),
        )
        for gate in gates
    ]
    widest = min(_MOST_NAME, max(len(row[0]) for row in rows))
    print_table([head, *rows], f"<{widest}", "<7", "<10", ">5", ">6", "<7", "")


def _about(alarm: Alarm) -> str:
    since = utc_text(alarm.raised_ms)
    if alarm.kind.endswith(OUT_OF_TURN):
        return say(
            "ALARM {kind}, version {version}, since {time}: unless it was started again and again, revoke it at once",
            kind=alarm.kind,
            version=alarm.seq,
            time=since,
        )
    return say(
        "ALARM {kind} at row {seq} of {epoch}, since {time}",
        kind=alarm.kind,
        seq=alarm.seq,
        epoch=alarm.epoch,
        time=since,
    )


def _document(time: BelievedTime, gates: Sequence[Standing], alarms: Sequence[Alarm]) -> dict[str, object]:
    return {
        "now": utc_text(time.now_ms),
        "clock_doubted": time.off_ms is not None,
        "gates": [
            {
                "gate": gate.device_id,
                "name": gate.name,
                "state": state_of(gate, time.now_ms),
                "heard": None if gate.heard_ms is None else utc_text(gate.heard_ms),
                "reported": None if gate.reported_ms is None else utc_text(gate.reported_ms),
                "scans_today": gate.scans,
                "unsent": gate.waiting,
                "version": gate.version,
                "troubles": list(gate.troubles),
            }
            for gate in gates
        ],
        "alarms": [
            {
                "gate": alarm.device_id,
                "kind": alarm.kind,
                "epoch": alarm.epoch,
                "seq": alarm.seq,
                "since": utc_text(alarm.raised_ms),
            }
            for alarm in alarms
        ],
    }
