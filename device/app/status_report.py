"""How the running gate stands, in one object: what `gate-scanner status` asks for.

Each part is a function that returns plain words and numbers, and is asked when somebody wants to know;
`device.app.service` adds a part when there is something to say. One that fails costs itself, not the rest.
Nothing in it is about a person: cues, counts and times only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from device import __version__
from device.clock import Clock, ClockReading, ClockState, utc_text
from device.crypto.sealing import Sealer
from device.errors import LedgerUnavailable
from device.eye import ChildEye
from device.gate.history import AnswerHistory
from device.model import Cue
from device.monitor.alerts import alerts_in
from device.monitor.health import Health
from device.monitor.host import host_metrics
from device.settings.schema import Site
from device.store.high_water_mark import HighWaterMark
from device.store.outbox import SqliteOutbox
from device.store.reading import LedgerReader
from device.sync.delivery import Delivery

Part = Callable[[], object]

log = logging.getLogger("gate.app")


@dataclass(slots=True)
class StatusReport:
    """Gathers the parts. `tell` runs on the inquiry's thread; parts are added on the main one, before or while.

    Attributes:
        site: the checked site file.
        clock: tells the ages.
        health: figures of the scan loop.
        memory: the last answers.
        resting: what the lamps show at rest.
        failing: whether the pins refuse to be set.
        judged: how decisions see a look at the clock (`device.store.high_water_mark`); ``None`` before there is a mark.
        parts: what to ask, by the name it has in the answer.
    """

    site: Site
    clock: Clock
    health: Health
    memory: AnswerHistory
    resting: Callable[[], Cue | None] = lambda: None
    failing: Callable[[], bool] = lambda: False
    judged: Callable[[ClockReading], ClockReading] | None = None
    parts: dict[str, Part] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parts = {
            "camera": self._camera,
            "scans": self._scans,
            "queue": self._queue,
            "link": lambda: None,
            "clock": self._clock_state,
            "machine": lambda: host_metrics(self.site.store.folder),
        }

    def tell(self) -> Mapping[str, object]:
        """Return everything; ``troubles`` says what a person should see to, and is empty when all is well."""
        resting = self.resting()
        told: dict[str, object] = {
            "version": __version__,
            "state": None if resting is None else resting.value,
            "uptime_s": self.health.uptime_s(),
            "lamps_failing": self.failing(),
        }
        for name, part in list(self.parts.items()):
            try:
                told[name] = part()
            except Exception as error:  # noqa: BLE001 - the other parts are asked all the same
                log.error("status part failed part=%s error=%s", name, type(error).__name__)  # noqa: TRY400 - as above
                told[name] = {"error": "the gate could not tell"}
        return {**told, "troubles": alerts_in(told)}

    def add_eye(self, eye: ChildEye, lately: Callable[[], Mapping[str, int]]) -> None:
        """From now on tell about this eye too, and of the last day what was done that outlives a gate (*lately*)."""

        def camera() -> object:
            told = self._camera()
            steps = {**self.health.eye_episodes, **{step: count for step, count in lately().items() if count}}
            return {**told, "lost": eye.lost, "alive": eye.pid is not None and eye.lost is None, "episodes": steps}

        self.parts["camera"] = camera

    def add_delivery(self, delivery: Delivery) -> None:
        """From now on tell about the link to the centre."""

        def link() -> object:
            link, now_ms = delivery.link, self.clock.monotonic_ms()
            settled_ms = delivery.settled_ms
            return {
                "state": link.state.value,
                "since_s": (now_ms - link.since_ms) // 1000,
                "error": link.error,
                "last_success_s": None if settled_ms is None else (now_ms - settled_ms) // 1000,
            }

        self.parts["link"] = link

    def add_keys(self, sealer: Sealer, mark: HighWaterMark) -> None:
        """From now on tell which key is sealed with, and whether the clock is believed."""

        def sealing() -> object:
            key, today = sealer.key, mark.today()
            day = None if key is None or key.day is None else key.day
            return {
                "key_day": None if day is None else str(day),
                "today": str(today),
                "late": day is not None and day != today,
            }

        self.parts["sealing"] = sealing
        self.parts["clock"] = lambda: {**self._clock_state(), "doubted": mark.doubted}

    def _camera(self) -> dict[str, object]:
        seen = self.health.snapshot()
        decode_us = seen["decode_us_p50"]
        return {
            "source": self.site.camera.source.value,
            "alive": False,
            "lost": None,
            "fps": seen["fps"],
            "frames": seen["frames"],
            "decode_ms": round(decode_us / 1000, 1) if isinstance(decode_us, int) else None,
            "engines": seen["engines"],
            "engines_left_out": seen["engines_left_out"],
            "engine_crashes": seen["engine_crashes"],
            "episodes": seen["eye_episodes"],
        }

    def _scans(self) -> object:
        seen, last = self.health.snapshot(), self.memory.last(1)
        return {
            "today": self._today(),
            "answers": seen["cues"],
            "not_ours": seen["not_ours"],
            "ignored": seen["ignored"],
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
        seen = None if self.judged is None else self.judged(at)
        return {
            "trusted": at.state is ClockState.SYNCHRONISED,
            "now": utc_text(at.wall_ms),
            "judged": None if seen is None else utc_text(seen.wall_ms),
            "judged_known": None if seen is None else seen.state is ClockState.SYNCHRONISED,
        }
