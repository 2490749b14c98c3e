"""Alerts: what a person should see to, derived from the status of a gate (`device.app.status_report`). Pure.

A gate without a network is well: it records, and its queue is kept. It is an alert when nothing was
delivered for a day, or when the hub answers and does not take what it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from device.model import BUNDLE_NAMES
from device.monitor.host import HOT_C, LEAST_FREE_BYTES
from device.words import heard, say, say_many, sentence

LONG_OFFLINE_S: Final = 24 * 3600

_STATES: Final = {
    "fault": sentence("out of service: see the camera and the queue below, or journalctl -u gate-scanner"),
    "not-enrolled": sentence("not enrolled: gate-scanner enrol CODE"),
    "revoked": sentence("the hub has withdrawn this gate: enrol it again"),
}
_LINK_ERRORS: Final = {
    "unreachable": sentence("unreachable"),
    "nonsense": sentence("what answers is not the hub"),
    "behind": sentence("the hub lacks older rows"),
    "ledger": sentence("the ledger cannot be read"),
    "revoked": sentence("its key is withdrawn"),
    "status-401": sentence(
        "the hub answered 401: enrol the gate anew (hub code NAME --again); of a webhook: compare the secret"
    ),
    "status-421": sentence("the hub answered 421: it is not called so; write hub.url as `hub code` prints it"),
}


def alerts_in(status: Mapping[str, object]) -> list[Mapping[str, str]]:
    """Return each alert as ``what`` (a word for scripts) and ``do`` (a sentence for people); empty when all is well."""
    found: dict[str, str] = {}
    state = str(status.get("state"))
    if state in _STATES:
        found[state] = say(_STATES[state])
    if state == "not-enrolled" and (waits := _part(status, "startup").get("waits")):
        found[state] = say("not enrolled: {why}", why=heard(str(waits)))
    if enrolment := _part(status, "startup").get("enrolment"):
        found["enrolment"] = heard(str(enrolment))
    if status.get("lamps_failing"):
        found["lamps"] = say("the lamps cannot be set: check pins and wires, then systemctl restart gate-scanner")
    found |= _of_camera(_part(status, "camera")) | _of_queue(_part(status, "queue"), _part(status, "link"))
    for name in ("policy", "trust"):
        if _part(status, name).get("refused"):
            found[f"{name}-refused"] = say(
                "the {name} file was changed and has mistakes: gate-scanner check FILE", name=say(BUNDLE_NAMES[name])
            )
    if _part(status, "sealing").get("late"):
        found["sealing-key"] = say(
            "there is no sealing key for today, the last one is used: let the gate reach its hub"
        )
    if _part(status, "clock").get("doubted"):
        found["clock"] = say(
            "the clock is more than a day off and not believed: check its time server, or let it reach its hub"
        )
    found |= _of_bundles(_part(status, "bundles"))
    found |= _of_machine(_part(status, "machine"))
    return [{"what": what, "do": do} for what, do in found.items()]


def link_error(error: str) -> str:
    """Return what stands between this gate and its hub (`device.gate.link_status.LinkReading`) in words."""
    if error in _LINK_ERRORS:
        return say(_LINK_ERRORS[error])
    if error.startswith("status-"):
        return say("the hub answered {status}", status=error.removeprefix("status-"))
    return error


def _part(status: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = status.get(name)
    return part if isinstance(part, Mapping) else {}


def _of_camera(camera: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    if camera.get("lost"):
        found["camera"] = heard(str(camera["lost"]))
    if camera.get("slow"):
        found["camera-slow"] = say("{why}: check the ribbon cable and the power supply", why=heard(str(camera["slow"])))
    if camera.get("engines_left_out"):
        found["engine-left-out"] = say("a decoder crashed twice and is left out for ten minutes")
    return found


def _of_queue(queue: Mapping[str, object], link: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    if queue.get("error"):
        found["queue"] = heard(str(queue["error"]))
    if queue.get("parked"):
        found["parked"] = say_many(
            "the hub refused 1 check-in: gate-scanner queue parked",
            "the hub refused {count} check-ins: gate-scanner queue parked",
            round(_number(queue["parked"])),
        )
    if link.get("state") in {"refused", "revoked"}:
        found["link"] = say(
            "the hub does not take what this gate sends ({why})", why=link_error(str(link.get("error")))
        )
    elif link and queue.get("undelivered") and _number(queue.get("oldest_s")) > LONG_OFFLINE_S:
        found["offline"] = say("check-ins have waited for more than a day: check the network and the hub")
    return found


def _of_bundles(bundles: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    if bundles.get("refused"):
        found["bundles"] = say("the hub gives this gate no rules ({why})", why=heard(str(bundles.get("error"))))
    kinds = bundles.get("kinds")
    for one in kinds if isinstance(kinds, list) else []:
        kind = str(one.get("kind"))
        name = say(BUNDLE_NAMES[kind]) if kind in BUNDLE_NAMES else kind
        if one.get("refused"):
            found[f"{kind}-refused"] = say(
                "the hub's {kind} was refused: {why}; look at the hub", kind=name, why=heard(str(one["refused"]))
            )
        if one.get("old"):
            found[f"{kind}-old"] = say(
                "the hub's {kind} is out of date: publish a new one there, or check the network", kind=name
            )
    return found


def _of_machine(machine: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    if machine.get("under_voltage"):
        found["under-voltage"] = say("the power supply is too weak: use one of 5.1 V and 3 A, and a short cable")
    if _number(machine.get("temperature_c")) >= HOT_C:
        found["hot"] = say(
            "the processor is at {celsius} °C and slows down: give it air", celsius=machine.get("temperature_c")
        )
    free = machine.get("disk_free_bytes")
    if isinstance(free, int) and free < LEAST_FREE_BYTES:
        found["disk"] = say("only {free} MB are free on the card", free=free // (1024 * 1024))
    watchdog = machine.get("hardware_watchdog")
    if isinstance(watchdog, Mapping) and not watchdog.get("armed"):
        found["watchdog"] = say("the machine's watchdog is not armed: setup.sh install does it")
    return found


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0.0
