"""What a gate has said of itself (`device.wire.state`), in words: short ones for a cell, whole ones for a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from device.errors import shown
from device.hub.standing_words import ago
from device.model import Count
from device.wire.state_records import CameraState, ClockTrust, GateState, QueueState
from device.words import number, say, say_many, sentence

UNKNOWN: Final = "–"
_MS: Final = 1000
COUNTS: Final = {
    Count.GRANTED: sentence("Granted"),
    Count.REFERRED: sentence("Referred"),
    Count.DENIED: sentence("Denied"),
    Count.NOT_OURS: sentence("Not ours"),
    Count.UNREADABLE: sentence("Unreadable"),
    Count.SEVERAL: sentence("Several at once"),
    Count.PASSED: sentence("Walked through"),
}
"""What a gate counts, as the heads of columns."""


def camera_cell(camera: CameraState) -> str:
    """Return how the camera is, for a cell."""
    if not camera.alive:
        return say("sees nothing")
    return UNKNOWN if camera.fps_tenths is None else say("{fps} fps", fps=number(camera.fps_tenths / 10, ".0f"))


def clock_cell(clock: ClockTrust) -> str:
    """Return how far its clock can be trusted, for a cell."""
    if clock.doubted:
        return say("wrong")
    if clock.trusted:
        return say("kept by a server")
    return say("kept by the hub") if clock.known else say("not known")


def heat_cell(state: GateState) -> str:
    """Return how hot its processor is, for a cell."""
    tenths = state.machine.temperature_tenths
    return UNKNOWN if tenths is None else say("{degrees} °C", degrees=number(tenths / 10, ".0f"))


def policy_age_cell(state: GateState, since_ms: int) -> str:
    """Return for how long its policy has been in force; *since_ms*: how long ago it said so."""
    return ago(state.policy.age_s + since_ms // _MS)


def lines_of(state: GateState, since_ms: int) -> Iterator[tuple[str, str]]:
    """Yield all that a gate has said of itself but bundles and troubles, as name and words.

    Args:
        state: what it said.
        since_ms: how long ago.
    """
    yield say("Software"), state.version
    yield say("Lamps at rest"), _lamps(state.lamps)
    yield say("Runs since"), say("{time} ago", time=ago(state.uptime_s + since_ms // _MS))
    yield say("Starts"), number(state.restarts, ",")
    yield say("Camera"), _camera(state.camera)
    yield say("Unsent check-ins"), _queue(state.queue)
    yield say("Clock of the gate"), clock_cell(state.clock)
    yield say("Policy in force"), _policy(state, since_ms)
    yield say("Heat"), heat_cell(state)
    yield say("Power"), _power(under_voltage=state.machine.under_voltage)
    free = state.machine.disk_free_mb
    yield say("Free on the card"), UNKNOWN if free is None else say("{count} MB", count=number(free, ","))
    if state.unplaced:
        yield say("Counted before the time was known"), number(state.unplaced, ",")


def _lamps(lamps: str) -> str:
    words = {
        "ready": say("ready for visitors"),
        "offline": say("ready, without a network"),
        "starting": say("it starts"),
        "fault": say("out of service"),
    }
    return words.get(lamps, lamps)


def _camera(camera: CameraState) -> str:
    parts = [camera_cell(camera), camera.source]
    if camera.decode_us is not None:
        parts.append(say("{count} ms to read a picture", count=number(camera.decode_us / 1000, ".0f")))
    if camera.width_permille is not None and camera.height_permille is not None:
        width, height = (number(side / 10, ".0f") for side in (camera.width_permille, camera.height_permille))
        parts.append(say("{width} % × {height} % of the sensor", width=width, height=height))
    return ", ".join(parts)


def _queue(queue: QueueState | None) -> str:
    if queue is None:
        return say("its ledger cannot be read")
    told = number(queue.waiting, ",")
    if queue.oldest_s is not None and queue.waiting:
        told = say("{count}, the oldest for {time}", count=told, time=ago(queue.oldest_s))
    if not queue.parked:
        return told
    return f"{told}; " + say_many("{count} refused by the hub", "{count} refused by the hub", queue.parked)


def _policy(state: GateState, since_ms: int) -> str:
    told = say("{name}, for {time}", name=shown(state.policy.version, 100), time=policy_age_cell(state, since_ms))
    return say("{policy}; a newer one was refused", policy=told) if state.policy.refused else told


def _power(*, under_voltage: bool | None) -> str:
    if under_voltage is None:
        return UNKNOWN
    return say("too weak, now or since it was started") if under_voltage else say("enough")
