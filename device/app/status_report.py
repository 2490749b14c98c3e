"""Status report: how the running gate stands, as `gate-scanner status` and `gate-scanner why` are told.

Each part is a function that returns plain words and numbers, and is asked when somebody wants to know. One that fails
costs itself, not the rest. Nothing in it is about a person: cues, counts and times only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from device import __version__
from device.app.startup import Waiting
from device.clock import Clock, ClockState, utc_text
from device.credential.hc1.trust_list import TrustList
from device.crypto.sealing import Sealer
from device.errors import LedgerUnavailable
from device.eye import SupervisedEye
from device.eye.recovery import DAY_S, REBOOTED, RESTARTED, Attempts
from device.gate.history import AnswerHistory
from device.gate.link_status import LinkStatus
from device.gate.occupancy import Occupancy
from device.indicator.player import LampIndicator
from device.model import CameraView
from device.monitor.alerts import alerts_in
from device.monitor.health import Health
from device.monitor.host import PowerWatch, host_metrics
from device.settings.policy_in_force import PolicySource
from device.settings.schema import Site
from device.settings.watched_file import Offered, WatchedFile
from device.store.high_water_mark import HighWaterMark
from device.store.outbox import SqliteOutbox
from device.store.reading import LedgerReader
from device.store.tally import Tally
from device.sync.refresh import Refresher

Part = Callable[[], object]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenGate:
    """What there is to tell of once a gate is enrolled and its ledger is open.

    Attributes:
        eye: the process that sees.
        attempts: what was tried for a camera that stayed lost; outlives a gate.
        sealer: whose keys are sealed with.
        mark: what day it is, and whether the clock is believed.
        occupancy: how many people are inside.
        link: how it stands with the centre; ``None`` without anybody to send to.
        refresher: what was taken over from the hub; ``None`` without one.
        power: whether the power supply was too weak since the start.
        tally: the counts by hour.
    """

    eye: SupervisedEye
    attempts: Attempts
    sealer: Sealer
    mark: HighWaterMark
    occupancy: Occupancy
    link: LinkStatus | None
    refresher: Refresher | None
    power: PowerWatch
    tally: Tally


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Tells how a gate stands. Built when its lamps are there, and once more when the gate is open; used on any thread.

    Attributes:
        site: the checked site file.
        clock: the machine's own; tells the ages.
        health: figures of the scan loop.
        history: the last answers.
        indicator: the lamps.
        policies: the policy in force.
        trust: whose certificates count; ``None`` without a trust list.
        gate: the open gate, or what it waits for while it has no enrolment or no ledger.
    """

    site: Site
    clock: Clock
    health: Health
    history: AnswerHistory
    indicator: LampIndicator
    policies: PolicySource
    trust: WatchedFile[TrustList] | Offered[TrustList] | None
    gate: OpenGate | Waiting

    @property
    def _open(self) -> OpenGate | None:
        return self.gate if isinstance(self.gate, OpenGate) else None

    def tell(self) -> Mapping[str, object]:
        """Return everything; ``troubles`` says what a person should see to, and is empty when all is well."""
        resting = self.indicator.resting
        told: dict[str, object] = {
            "version": __version__,
            "state": None if resting is None else resting.value,
            "uptime_s": self.health.uptime_s(),
            "lamps_failing": self.indicator.failing,
        }
        for name, part in self._parts().items():
            try:
                told[name] = part()
            except Exception as error:  # noqa: BLE001 - the other parts are asked all the same
                log.error("event=status-part-failed part=%s reason=%s", name, type(error).__name__)  # noqa: TRY400 - as above
                told[name] = {"error": "the gate could not tell"}
        return {**told, "troubles": alerts_in(told)}

    def why(self, count: int) -> Mapping[str, object]:
        """Return the last *count* answers, and the rules they were given by."""
        refresher = None if self._open is None else self._open.refresher
        return {
            "policy": self.policies.snapshot(),
            "trust": self._trust(),
            "bundles": None if refresher is None else refresher.snapshot(),
            "inside": 0 if self._open is None else self._open.occupancy.inside,
            "answers": self.history.last(count),
        }

    def _parts(self) -> Mapping[str, Part]:
        """Return what to ask, by the name it has in the answer."""
        parts: dict[str, Part] = {
            "camera": self._camera,
            "scans": self._scans,
            "queue": self._queue,
            "link": self._link,
            "clock": self._clock_state,
            "machine": self._machine,
            "policy": self.policies.snapshot,
        }
        if self.trust is not None:
            parts["trust"] = self._trust
        if isinstance(self.gate, Waiting):
            parts["startup"] = self.gate.snapshot
        if (gate := self._open) is not None:
            parts["sealing"] = lambda: _sealing(gate.sealer, gate.mark)
            if gate.refresher is not None:
                parts["bundles"] = gate.refresher.snapshot
        return parts

    def _machine(self) -> Mapping[str, object]:
        since_start = None if self._open is None else self._open.power.since_start
        return {**host_metrics(self.site.store.folder), "under_voltage_since_start": since_start}

    def _trust(self) -> Mapping[str, object] | None:
        return None if self.trust is None else self.trust.snapshot(self.clock)

    def _link(self) -> object:
        if self._open is None or self._open.link is None:
            return None
        link, now_ms = self._open.link.now, self.clock.monotonic_ms()
        return {
            "state": link.state.value,
            "since_s": (now_ms - link.since_ms) // 1000,
            "error": link.error,
            "last_success_s": None if link.settled_ms is None else (now_ms - link.settled_ms) // 1000,
        }

    def _camera(self) -> Mapping[str, object]:
        seen = self.health.snapshot()
        decode_us = seen["decode_us_p50"]
        told = {
            "source": self.site.camera.source.value,
            "alive": False,
            "lost": None,
            "fps": seen["fps"],
            "asked_fps": self.health.asked_fps,
            "slow": self.health.slow or None,
            "frames": seen["frames"],
            "decode_ms": round(decode_us / 1000, 1) if isinstance(decode_us, int) else None,
            "engines": seen["engines"],
            "engines_left_out": seen["engines_left_out"],
            "view": None,
            "wall": None,
            "own_unit": False,
            "engine_crashes": seen["engine_crashes"],
            "episodes": seen["eye_episodes"],
        }
        if self._open is None:
            return told
        eye, attempts = self._open.eye, self._open.attempts
        lately = {step: attempts.within(step, DAY_S) for step in (RESTARTED, REBOOTED)}
        steps = {**self.health.eye_episodes, **{step: count for step, count in lately.items() if count}}
        wall = None if eye.wall is None else {"seccomp": eye.wall.seccomp, "landlock": eye.wall.landlock}
        told["view"] = None if eye.view is None else camera_view(eye.view)
        return {**told, "lost": eye.lost, "alive": eye.alive, "wall": wall, "own_unit": eye.own_unit, "episodes": steps}

    def _scans(self) -> object:
        seen, last = self.health.snapshot(), self.history.last(1)
        return {
            "today": self._today(),
            "answers": seen["cues"],
            "not_ours": seen["not_ours"],
            "ignored": seen["ignored"],
            "passed": None if self._open is None or self.site.pins.passage is None else self._open.tally.passed,
            "last_at": last[0]["at"] if last else None,
            "last_cue": last[0]["cue"] if last else None,
            "lamp_ms_p50": seen["lamp_ms_p50"],
            "lamp_ms_p99": seen["lamp_ms_p99"],
        }

    def _today(self) -> int | None:
        """Count the check-ins since midnight as this machine's clock has it; ``None`` without a ledger."""
        now = datetime.fromtimestamp(self.clock.reading().wall_ms / 1000, UTC).astimezone()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            with LedgerReader(self.site.store.folder) as ledger:
                return ledger.count_since(round(midnight.timestamp() * 1000))
        except LedgerUnavailable:
            return None

    def _queue(self) -> object:
        try:
            with SqliteOutbox(self.site.store.folder) as outbox:
                backlog = outbox.backlog()
        except LedgerUnavailable as error:
            return {"error": str(error)}
        oldest = backlog.oldest_wall_ms
        return {
            "recorded": backlog.recorded,
            "undelivered": backlog.undelivered,
            "parked": backlog.parked,
            "oldest_at": None if oldest is None else utc_text(oldest),
            "oldest_s": None if oldest is None else (self.clock.reading().wall_ms - oldest) // 1000,
        }

    def _clock_state(self) -> Mapping[str, object]:
        at = self.clock.reading()
        mark = None if self._open is None else self._open.mark
        seen = None if mark is None else mark.judged(at)
        told = {
            "trusted": at.state is ClockState.SYNCHRONISED,
            "now": utc_text(at.wall_ms),
            "judged": None if seen is None else utc_text(seen.wall_ms),
            "judged_known": None if seen is None else seen.state is ClockState.SYNCHRONISED,
        }
        return told if mark is None else {**told, "doubted": mark.doubted}


def _sealing(sealer: Sealer, mark: HighWaterMark) -> Mapping[str, object]:
    """Return which key is sealed with, and whether it is that of the day."""
    key, today = sealer.key, mark.today()
    day = None if key is None or key.day is None else key.day
    return {
        "key_day": None if day is None else str(day),
        "today": str(today),
        "late": day is not None and day != today,
    }


def camera_view(view: CameraView) -> Mapping[str, object]:
    """Return what the camera shows; the eye's own words, which `device.eye.camera_message` keeps within bounds."""
    width_share, height_share = (None, None) if view.shares is None else (share / 1000 for share in view.shares)
    return {
        "sensor": view.sensor or None,
        "mode": list(view.mode) if view.mode[0] else None,
        "bit_depth": view.bit_depth or None,
        "size": list(view.size),
        "frame_rate": view.frame_rate,
        "width_share": width_share,
        "height_share": height_share,
        "busy_ms": round(view.busy_us / 1000, 1) if view.busy_us else None,
    }
