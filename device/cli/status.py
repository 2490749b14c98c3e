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
camera     source, alive, lost (why), fps, frames, decode_ms (median), engines, engines_left_out,
           wall (seccomp; landlock: its version, 0 is none; null before it stands), own_unit
           (systemd started the eye, as another user), engine_crashes,
           episodes (lost, covered, reopened, replaced, left: killed and not ended; restarted and
           rebooted: of the last day)
scans      today (check-ins since midnight), answers (by cue), not_ours, ignored (by kind),
           last_at, last_cue, lamp_ms_p50, lamp_ms_p99
queue      recorded, undelivered, parked, oldest_at, oldest_s
link       state (untried, online, offline, refused, revoked), since_s, error, last_success_s
clock      trusted, now; judged: the time that expiry is judged by; judged_known: is it the time,
           or only a bound; doubted: it calls itself synchronised and is more than a day off
sealing    key_day (of the key in use), today, late (there is none for today)
policy     version, valid_from, in_force_s, file, next_version, next_from, refused
trust      file (null: of the hub), age_s, refused
bundles    what was taken over from the hub: error, kinds (each with kind, version, made, age_s,
           valid_until, old, refused; version is null where there is none yet)
machine    temperature_c, under_voltage, throttled, under_voltage_since_boot, memory_bytes,
           memory_free_bytes, gate_pss_bytes and gate_rss_bytes (of the gate's own process),
           memory_locked (it is kept out of swap),
           disk_free_bytes, service_watchdog_s, hardware_watchdog (driver, armed, timeout_s)
troubles   what a person should see to: what (a word), do (a sentence); empty when all is well
=========  ======================================================================================
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

from device.cli.arguments import add_example
from device.cli.running_gate import add_question, answer_of
from device.cli.table import print_table, span

Part = Mapping[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Say how the running gate stands, part by part, and at the end what a person should see to. "
        "What each key of --json means stands at the head of device/cli/status.py."
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
        print_table(lines(told), "<9", "")
    return 1 if told["troubles"] else 0


def lines(told: Part) -> Iterator[tuple[str, str]]:
    """Yield each line of the table: its name and its text."""
    yield "gate", f"{told['version']}, {told['state'] or 'dark'}, up for {span(told['uptime_s'])}"
    for name, tell in _TELL.items():
        part = told.get(name)
        if isinstance(part, Mapping):
            yield name, str(part["error"]) if set(part) == {"error"} else tell(part)
    for name, part in told.items():
        if isinstance(part, Mapping) and name not in _TELL:
            yield name, ", ".join(f"{key} {value}" for key, value in part.items() if value not in (None, [], {}))
    for trouble in told["troubles"]:
        yield "NOT WELL", f"{trouble['what']}: {trouble['do']}"
    if not told["troubles"]:
        yield "well", "nothing to do"


def _camera(camera: Part) -> str:
    sees = "sees" if camera["alive"] else f"LOST: {camera['lost']}" if camera["lost"] else "not open"
    words = [f"{camera['source']} {sees}", f"{camera['fps']} frames a second"]
    if camera["decode_ms"] is not None:
        words.append(f"decode {camera['decode_ms']} ms")
    words.append(f"engines {' '.join(camera['engines']) or 'none'}")
    words += [f"left out {engine}" for engine in camera["engines_left_out"]]
    if (wall := camera.get("wall")) is not None:
        words += ["NO WALL: no seccomp"] * (not wall["seccomp"]) + ["wall without Landlock"] * (not wall["landlock"])
    words += ["eye in its own unit"] * bool(camera.get("own_unit"))
    words += [f"{step} {count}" for step, count in camera["episodes"].items()]
    return ", ".join(words)


def _scans(scans: Part) -> str:
    today = "no ledger" if scans["today"] is None else f"{scans['today']} today"
    # Not what it was told: this table goes into the journal, which lies on the card.
    last = f"last {scans['last_at']}" if scans["last_at"] else "none since the start"
    lamp = (
        [] if scans["lamp_ms_p50"] is None else [f"lamp after {scans['lamp_ms_p50']} ms (p99 {scans['lamp_ms_p99']})"]
    )
    return ", ".join([today, last, *lamp])


def _queue(queue: Part) -> str:
    oldest = f", the oldest for {span(queue['oldest_s'])}" if queue["oldest_s"] is not None else ""
    return f"{queue['undelivered']} waiting of {queue['recorded']} recorded{oldest}; {queue['parked']} parked"


def _link(link: Part) -> str:
    error = f" ({link['error']})" if link["error"] else ""
    success = link["last_success_s"]
    last = "nothing delivered since the start" if success is None else f"last delivery {span(success)} ago"
    return f"{link['state']}{error} for {span(link['since_s'])}, {last}"


def _clock(clock: Part) -> str:
    words = [clock["now"], "trusted" if clock["trusted"] else "NOT trusted: nobody has set it since boot"]
    if clock.get("judged") is not None and clock["judged"][:16] != clock["now"][:16]:
        words.append(f"judged by {clock['judged']}" + ("" if clock["judged_known"] else " or later"))
    return ", ".join(words)


def _policy(policy: Part) -> str:
    then = f", then {policy['next_version']} from {policy['next_from']}" if policy["next_version"] else ""
    refused = f"; a newer text was REFUSED: {policy['refused'][0]}" if policy["refused"] else ""
    return f"{policy['version']}, in force here for {span(policy['in_force_s'])}{then}{refused}"


def _machine(machine: Part) -> str:
    words = []
    if machine["temperature_c"] is not None:
        words.append(f"{machine['temperature_c']} °C")
    if machine["under_voltage"] is not None:
        since = " (it was not, since boot)" if machine["under_voltage_since_boot"] else ""
        words.append("UNDER-VOLTAGE" if machine["under_voltage"] else f"power good{since}")
    if machine["memory_free_bytes"] is not None:
        words.append(f"{machine['memory_free_bytes'] >> 20} of {machine['memory_bytes'] >> 20} MB memory free")
    if machine.get("memory_locked") is False:
        words.append("memory NOT locked: swap may bring people lists to the card")
    if machine["disk_free_bytes"] is not None:
        words.append(f"{machine['disk_free_bytes'] >> 20} MB free on the card")
    service, hardware = machine["service_watchdog_s"], machine["hardware_watchdog"]
    words.append(f"watchdog of the service {'off' if service is None else f'{service:g} s'}")
    if hardware is not None:
        words.append(f"of the machine {hardware['timeout_s']} s" if hardware["armed"] else "of the machine NOT armed")
    return ", ".join(words)


def _bundles(bundles: Part) -> str:
    words = [
        f"{one['kind']} {one['version'] or 'none yet'}"
        + (" OLD" if one.get("old") else "")
        + (f" (refused: {one['refused']})" if one["refused"] else "")
        for one in bundles["kinds"]
    ]
    return ", ".join([*words, *([f"not refreshed: {bundles['error']}"] if bundles["error"] else [])])


_TELL = {
    "camera": _camera,
    "scans": _scans,
    "queue": _queue,
    "link": _link,
    "clock": _clock,
    "policy": _policy,
    "bundles": _bundles,
    "machine": _machine,
}
