"""What ``status`` tells people: each part of the gate's answer in phrases, in the language of who reads it.

A gate speaks English. What it only says in sentences (why a camera is lost) is found in the dictionary by its form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from device.cli.table import local_time, span
from device.model import BUNDLE_NAMES
from device.monitor.alerts import alerts_in, link_error
from device.words import Language, heard, number, say, sentence, spoken

Part = Mapping[str, Any]
Phrases = Iterator[str]

_STATES: Final = {
    "ready": sentence("ready"),
    "offline": sentence("offline"),
    "fault": sentence("out of service"),
    "starting": sentence("starting"),
    "not-enrolled": sentence("not enrolled"),
    "revoked": sentence("withdrawn by its hub"),
    "config": sentence("its site file has mistakes"),
}
_EPISODES: Final = {
    "lost": sentence("{count} × lost"),
    "covered": sentence("{count} × covered"),
    "reopened": sentence("{count} × opened anew"),
    "replaced": sentence("{count} × process replaced"),
    "left": sentence("{count} × process did not end"),
    "restarted": sentence("{count} × service started anew in a day"),
    "rebooted": sentence("{count} × machine booted anew in a day"),
}
_LINKS: Final = {
    "online": sentence("online"),
    "offline": sentence("offline"),
    "refused": sentence("REFUSED by the hub"),
    "revoked": sentence("withdrawn by its hub"),
}


def lines_of(told: Part) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each line of the table: its name and its phrases."""
    state = say(_STATES[told["state"]]) if told["state"] in _STATES else told["state"] or say("dark")
    up = say("up for {span}", span=span(told["uptime_s"]))
    yield say("gate"), (str(told["version"]), state, up)
    for name, (title, tell) in _TELL.items():
        part = told.get(name)
        if isinstance(part, Mapping):
            yield say(title), (heard(str(part["error"])),) if set(part) == {"error"} else tuple(tell(part))
    for trouble in _troubles(told):
        yield say("NOT WELL"), (say("{what}: {do}", what=trouble["what"], do=trouble["do"]),)
    if not told["troubles"]:
        yield say("well"), (say("nothing to do"),)


def _troubles(told: Part) -> Iterator[Mapping[str, str]]:
    """Yield what is wrong, in the words of who reads it: derived again here, as the gate did in English."""
    own = {} if spoken() is Language.ENGLISH else {one["what"]: one for one in alerts_in(told)}
    for trouble in told["troubles"]:
        yield own.get(trouble["what"], trouble)


def _startup(startup: Part) -> Phrases:
    yield from (heard(text) for text in (startup.get("waits"), startup.get("enrolment")) if text)


def _camera(camera: Part) -> Phrases:
    if camera["alive"]:
        yield say("{camera} sees", camera=camera["source"])
    elif camera["lost"]:
        yield say("{camera} LOST: {why}", camera=camera["source"], why=heard(camera["lost"]))
    else:
        yield say("{camera} not open", camera=camera["source"])
    yield _rate(camera)
    if camera["decode_ms"] is not None:
        yield say("decode {ms} ms", ms=camera["decode_ms"])
    yield from _view(camera.get("view"))
    yield say("engines {names}", names=" ".join(camera["engines"]) or say("none"))
    for engine in camera["engines_left_out"]:
        yield say("left out {name}", name=engine)
    if (wall := camera.get("wall")) is not None:
        if not wall["seccomp"]:
            yield say("NO WALL: no seccomp")
        if not wall["landlock"]:
            yield say("wall without Landlock")
    if camera.get("own_unit"):
        yield say("eye in its own unit")
    for step, count in camera["episodes"].items():
        yield say(_EPISODES[step], count=count) if step in _EPISODES else f"{step} {count}"


def _rate(camera: Part) -> str:
    if not camera.get("slow"):
        return say("{count} frames a second", count=camera["fps"])
    return say("{count} frames a second of {asked} asked", count=camera["fps"], asked=number(camera["asked_fps"], "g"))


def _view(view: Part | None) -> Phrases:
    if view is None:
        return
    if view["width_share"] is not None:
        share, sensor = f"{view['width_share']:.0%}", view["sensor"] or say("the sensor")
        yield say("{sensor} seen to {share} of its width", sensor=sensor, share=share)
    width, height = view["size"]
    yield say("asked for {width}x{height} at {rate} a second", width=width, height=height, rate=view["frame_rate"])
    if view["busy_ms"] is not None:
        yield say("a busy frame takes {ms} ms", ms=view["busy_ms"])


def _scans(scans: Part) -> Phrases:
    yield say("no ledger") if scans["today"] is None else say("{count} today", count=scans["today"])
    # Not what it was told: this table goes into the journal, which lies on the card.
    if scans["last_at"]:
        yield say("last answer {time}", time=local_time(scans["last_at"]))
    else:
        yield say("none since the start")
    if scans["lamp_ms_p50"] is not None:
        yield say("lamp after {ms} ms (p99 {most} ms)", ms=scans["lamp_ms_p50"], most=scans["lamp_ms_p99"])
    if scans.get("passed") is not None:
        yield say("{count} walked through since the start", count=scans["passed"])


def _queue(queue: Part) -> Phrases:
    yield say("{waiting} waiting of {all} recorded", waiting=queue["undelivered"], all=queue["recorded"])
    if queue["oldest_s"] is not None:
        yield say("the oldest for {span}", span=span(queue["oldest_s"]))
    yield say("{count} refused by the hub", count=queue["parked"])


def _link(link: Part) -> Phrases:
    if link["state"] == "untried":  # lists and rules may have come over it all the same
        yield say("nothing to deliver since the start")
        return
    state, error, since = link["state"], link["error"], span(link["since_s"])
    state = say(_LINKS[state]) if state in _LINKS else state
    if error:
        yield say("{state} for {span} ({why})", state=state, span=since, why=link_error(error))
    else:
        yield say("{state} for {span}", state=state, span=since)
    success = link["last_success_s"]
    yield (
        say("nothing delivered since the start")
        if success is None
        else say("last delivery {span} ago", span=span(success))
    )


def _clock(clock: Part) -> Phrases:
    yield local_time(clock["now"])
    yield say("trusted") if clock["trusted"] else say("NOT trusted: nobody has set it since boot")
    if clock.get("judged") is not None and clock["judged"][:16] != clock["now"][:16]:
        judged = local_time(clock["judged"])
        yield (
            say("judged by {time}", time=judged)
            if clock["judged_known"]
            else say("judged by {time} or later", time=judged)
        )


def _sealing(sealing: Part) -> Phrases:
    if sealing["key_day"] is None:
        yield say("one key for every day")
    elif sealing["late"]:
        yield say("key of {day} UTC, NONE for today ({today} UTC)", day=sealing["key_day"], today=sealing["today"])
    else:
        yield say("key of today ({day} UTC)", day=sealing["key_day"])


def _policy(policy: Part) -> Phrases:
    yield policy["version"]
    yield say("in force here for {span}", span=span(policy["in_force_s"]))
    if policy["next_version"]:
        yield say("then {version} from {time}", version=policy["next_version"], time=local_time(policy["next_from"]))
    if policy["refused"]:
        yield say("a newer text was REFUSED: {why}", why=heard(policy["refused"][0]))


def _trust(trust: Part) -> Phrases:
    yield trust["file"] or say("from the hub")
    if trust["age_s"] is not None:
        yield say("{span} old", span=span(trust["age_s"]))
    if trust["refused"]:
        yield say("a newer text was REFUSED: {why}", why=heard(trust["refused"][0]))


def _bundles(bundles: Part) -> Phrases:
    for one in bundles["kinds"]:
        kind = say(BUNDLE_NAMES[one["kind"]]) if one["kind"] in BUNDLE_NAMES else one["kind"]
        made = one.get("made")
        if made is None:
            yield say("{kind} none yet", kind=kind)
        elif one.get("old"):
            yield say("{kind} of {time} OUT OF DATE", kind=kind, time=local_time(made))
        else:
            yield say("{kind} of {time}", kind=kind, time=local_time(made))
        if one["refused"]:
            yield say("a newer one was REFUSED: {why}", why=heard(one["refused"]))
    if bundles["error"]:
        yield say("not refreshed: {why}", why=heard(bundles["error"]))


def _machine(machine: Part) -> Phrases:
    if machine["temperature_c"] is not None:
        yield f"{number(machine['temperature_c'])} °C"
    if machine["under_voltage"]:
        yield say("UNDER-VOLTAGE")
    elif machine["under_voltage"] is not None and machine.get("under_voltage_since_start"):
        yield say("power good (it was not, since the gate started)")
    elif machine["under_voltage"] is not None:
        yield say("power good (it was not, since boot)") if machine["under_voltage_since_boot"] else say("power good")
    if machine["memory_free_bytes"] is not None:
        free, everything = machine["memory_free_bytes"] >> 20, machine["memory_bytes"] >> 20
        yield say("{free} of {all} MB memory free", free=free, all=everything)
    if machine.get("memory_locked") is False:
        yield say("memory NOT locked: swap may bring people lists to the card")
    if machine["disk_free_bytes"] is not None:
        yield say("{free} MB free on the card", free=machine["disk_free_bytes"] >> 20)
    service, hardware = machine["service_watchdog_s"], machine["hardware_watchdog"]
    off = service is None
    yield (
        say("watchdog of the service off")
        if off
        else say("watchdog of the service {count} s", count=number(service, "g"))
    )
    if hardware is not None and hardware["armed"]:
        yield say("watchdog of the machine {count} s", count=hardware["timeout_s"])
    elif hardware is not None:
        yield say("watchdog of the machine NOT armed")


_TELL: Final[Mapping[str, tuple[str, Callable[[Part], Phrases]]]] = {
    "startup": (sentence("startup"), _startup),
    "camera": (sentence("camera"), _camera),
    "scans": (sentence("scans"), _scans),
    "queue": (sentence("queue"), _queue),
    "link": (sentence("link"), _link),
    "clock": (sentence("clock"), _clock),
    "policy": (sentence("policy"), _policy),
    "trust": (sentence("trust"), _trust),
    "sealing": (sentence("sealing"), _sealing),
    "bundles": (sentence("bundles"), _bundles),
    "machine": (sentence("machine"), _machine),
}
