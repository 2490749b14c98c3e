"""``gate-scanner status [--json]``: how the running gate stands; exit 0 when it is well, else 1.

The keys of ``--json`` stay: new ones may come, none changes its meaning. A part, or a value in it,
is null where there is nothing to say (no hub, no thermometer); a part that could not be told is
``{"error": …}``.

=========  ======================================================================================
part       what it says
=========  ======================================================================================
version    of this gate
state      the cue at rest: ready, offline, fault, starting, not-enrolled, revoked
uptime_s   since the service started
startup    only before it can record: waits (why nobody can be recorded), enrolment (why the code of
           the site file has not enrolled it yet)
camera     source, alive, lost (why), fps (measured), asked_fps, slow (why: it gives less than a
           third of these), frames, decode_ms (median), engines, engines_left_out,
           view (of a Pi camera: sensor, mode, bit_depth, size, frame_rate asked, width_share and
           height_share: how much of the sensor is seen, 1 is all; busy_ms: what a busy frame
           takes the decoder, measured where the site file leaves size or frame_rate open),
           wall (seccomp; landlock: its version, 0 is none; null before it stands), own_unit
           (systemd started the eye, as another user), engine_crashes,
           episodes (lost, covered, reopened, replaced, left: killed and not ended; restarted and
           rebooted: of the last day)
scans      today (check-ins since midnight), answers (by cue), not_ours, ignored (by kind),
           passed (how many walked through since the start; null without pins.passage),
           last_at, last_cue, lamp_ms_p50, lamp_ms_p99
queue      recorded, undelivered, parked, oldest_at, oldest_s
link       state (untried, online, offline, refused, revoked), since_s, error, last_success_s
clock      trusted, now; judged: the time that expiry is judged by; judged_known: is it the time,
           or only a bound; doubted: it calls itself synchronised and is more than a day off
sealing    key_day (of the key in use), today, late (there is none for today)
policy     version, valid_from, in_force_s, file, next_version, next_from, refused
trust      file (null: of the hub), age_s, refused
bundles    what was taken over from the hub: error, refused (somebody must put that
           right), kinds (each with kind, version, made, age_s, valid_until, old, refused; version
           is null where there is none yet)
machine    temperature_c, under_voltage, under_voltage_since_start (of the gate; it looks every
           3 s), under_voltage_since_boot (null where the kernel clears it), throttled, memory_bytes,
           memory_free_bytes, gate_pss_bytes and gate_rss_bytes (of the gate's own process),
           memory_locked (it is kept out of swap),
           disk_free_bytes, service_watchdog_s, hardware_watchdog (driver, armed, timeout_s)
troubles   what a person should see to: what (a word), do (a sentence); empty when all is well
=========  ======================================================================================
"""

from __future__ import annotations

import argparse
import json
from typing import Final

from device.cli.arguments import add_example
from device.cli.running_gate import add_question, answer_of
from device.cli.status_lines import lines_of
from device.cli.table import folded, print_table

_TITLE: Final = 9
"""Letters for the name of a line, where the language has no longer one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "How the running gate stands: a line a part, and at the end what a person should see to. What each key of "
        "--json says: python3 -m pydoc device.cli.status."
    )
    exits = "0 well, 1 there is something to see to, or no gate answers; 2 a wrong word, 78 the site file has mistakes"
    add_example(parser, "--json", exits)
    add_question(parser)


def run(args: argparse.Namespace) -> int:
    """Print it: 0 well, 1 not well or no gate answers, 78 the site file has mistakes."""
    told = answer_of(args, "status")
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        parts = list(lines_of(told))
        width = max(_TITLE, *(len(title) for title, _ in parts))
        rows = [
            (title if first else "", line) for title, phrases in parts for first, line in folded(phrases, width + 2)
        ]
        print_table(rows, f"<{width}", "")
    return 1 if told["troubles"] else 0
