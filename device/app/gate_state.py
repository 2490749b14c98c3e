"""Gate state for the hub: the status report, cut down to what `device.wire.state` carries, within its bounds."""

from __future__ import annotations

import json
from collections.abc import Mapping

from device.model import Cue
from device.store.tally import Tally
from device.wire.bundle import BundleKind
from device.wire.state import MOST_POLICY_BYTES, MOST_S, MOST_TROUBLES, VERSION, WORD
from device.wire.state_records import (
    BundleState,
    CameraState,
    ClockTrust,
    GateState,
    MachineState,
    PolicyState,
    QueueState,
)

_Told = Mapping[str, object]


def state_of(told: _Told, wall_ms: int, tally: Tally) -> GateState:
    """Return what the hub is told.

    Args:
        told: by `device.app.status_report.StatusReport.tell`.
        wall_ms: what the clock says.
        tally: the counts, for what is not in hours.
    """
    camera, clock, policy, machine = (_part(told, name) for name in ("camera", "clock", "policy", "machine"))
    view = _part(camera, "view")
    version = str(told.get("version"))
    kinds, troubles = _part(told, "bundles").get("kinds"), told.get("troubles")
    return GateState(
        version=version if VERSION.fullmatch(version) else "0",
        lamps=_word(told.get("state") or Cue.STARTING.value),
        uptime_s=_whole(told.get("uptime_s")) or 0,
        restarts=min(tally.restarts, MOST_S),
        camera=CameraState(
            source=_word(camera.get("source")),
            alive=camera.get("alive") is True,
            fps_tenths=_whole(camera.get("fps"), 10, 10_000),
            decode_us=_whole(camera.get("decode_ms"), 1000, 60_000_000),
            width_permille=_whole(view.get("width_share"), 1000, 1000),
            height_permille=_whole(view.get("height_share"), 1000, 1000),
        ),
        queue=_queue(_part(told, "queue")),
        clock=ClockTrust(
            wall_ms=wall_ms,
            trusted=clock.get("trusted") is True,
            known=clock.get("judged_known") is True,
            doubted=clock.get("doubted") is True,
        ),
        policy=PolicyState(
            version=_cut_short(str(policy.get("version"))),
            age_s=_whole(policy.get("in_force_s")) or 0,
            refused=bool(policy.get("refused")),
        ),
        bundles=tuple(_bundle(one) for one in kinds) if isinstance(kinds, list) else (),
        machine=MachineState(
            temperature_tenths=_whole(machine.get("temperature_c"), 10, 2000, -1000),
            under_voltage=_any_of(machine.get("under_voltage"), machine.get("under_voltage_since_start")),
            disk_free_mb=_whole(machine.get("disk_free_bytes"), 1e-6),
        ),
        troubles=tuple(_word(one["what"]) for one in troubles[:MOST_TROUBLES]) if isinstance(troubles, list) else (),
        series=tally.series,
        unplaced=min(tally.unplaced, MOST_S),
    )


def _part(told: _Told, name: str) -> _Told:
    part = told.get(name)
    return part if isinstance(part, Mapping) else {}


def _whole(value: object, times: float = 1, most: int = MOST_S, least: int = 0) -> int | None:
    if not isinstance(value, int | float):
        return None
    return min(most, max(least, round(value * times)))


def _word(value: object) -> str:
    return str(value) if WORD.fullmatch(str(value)) else "other"


def _any_of(*told: object) -> bool | None:
    """Return whether any is true; ``None`` when nobody knows of any."""
    known = [one for one in told if isinstance(one, bool)]
    return any(known) if known else None


def _queue(queue: _Told) -> QueueState | None:
    waiting, parked = _whole(queue.get("undelivered")), _whole(queue.get("parked"))
    return None if waiting is None or parked is None else QueueState(waiting, parked, _whole(queue.get("oldest_s")))


def _bundle(told: _Told) -> BundleState:
    kind = BundleKind(str(told["kind"]))
    version = told.get("version")
    return BundleState(
        kind=kind,
        version=version if isinstance(version, int) else None,
        age_s=_whole(told.get("age_s")),
        old=told.get("old") is True,
        refused=bool(told.get("refused")),
    )


def _cut_short(name: str) -> str:
    printable = "".join(letter for letter in name if letter.isprintable())
    while len(json.dumps(printable, ensure_ascii=False).encode()) > MOST_POLICY_BYTES:
        printable = printable[:-1]
    return printable
