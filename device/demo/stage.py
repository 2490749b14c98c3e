"""Runs hub and gate of a demo as at a door: the hub in a process of its own, the eye in another, the real code path."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from device.app.service import Service
from device.clock import Clock
from device.demo.pin_recorder import PinRecorder, PinState
from device.enrolment import document as enrolment
from device.errors import CameraLost, LedgerUnavailable
from device.gate.registrar import Answer
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.hub.keyring.certificates import DEFAULT_NAMES
from device.hub.serve import LOOPBACK
from device.hub.settings.template import NewSettings
from device.indicator.pins import GpioPins, Outputs
from device.model import Backlog
from device.monitor.systemd import SystemdNotifier
from device.settings.load import load
from device.store.outbox import SqliteOutbox

_TICK_S = 0.05
_LAST_DELIVERY_S = 40.0
_STALLED_S = 30.0

GATE: Final = "Cổng chính"
"""What people call the gate."""

SITE = """\
# The site file of the demo; the keys are those of a real gate.
place:
  name: Chợ Mẫu
  kind: market
  province: Quảng Ngãi
  location_qr: 0123456789abcdef0123aaaa
camera:
  source: replay
  size: {width}x{height}
  frame_rate: 15
  replay: {{path: {path}, show: {show_ms}ms, gap: {gap_ms}ms, at_end: hold}}
pins: {{driver: mock, green: 17, red: 27, buzzer: 18}}
presence: {{absence: {absence_ms}ms, unreadable_after: {unreadable_ms}ms}}
store: {{folder: {store}, volatile_ok: true}}
policy: {{repeat_window: {repeat_window}}}
hub: {{url: "{url}", interval: 200ms, deadline: 3s}}
log: {{level: error}}
"""


@dataclass(frozen=True, slots=True)
class Program:
    """What the replay camera shows.

    Attributes:
        path: a video, or a folder of pictures.
        frames: how many it takes to show it all.
        size: of the camera.
        show_ms: how long each picture of a folder is held up.
        gap_ms: pause between pictures.
        absence_ms: see `device.gate.presence.PresenceLimits`.
        unreadable_ms: see there.
    """

    path: Path
    frames: int
    size: tuple[int, int]
    show_ms: int = 1000
    gap_ms: int = 1000
    absence_ms: int = 600
    unreadable_ms: int = 1000


def site_text(program: Program, store: Path, url: str, *, at_end: str = "hold", repeat_window: str = "2m") -> str:
    """Return the site file of a gate with its state in *store*, whose camera shows *program*, of the hub at *url*."""
    return SITE.format(
        width=program.size[0],
        height=program.size[1],
        path=json.dumps(str(program.path)),
        show_ms=program.show_ms,
        gap_ms=program.gap_ms,
        absence_ms=program.absence_ms,
        unreadable_ms=program.unreadable_ms,
        store=json.dumps(str(store)),
        url=url,
        at_end=at_end,
        repeat_window=repeat_window,
    )


@dataclass(slots=True)
class Stage:
    """Hub and gate of one demo; a context manager that starts the hub and ends everything.

    Attributes:
        folder: an empty folder for everything that is written.
        program: what is shown.
        clock: paces it.
        on_answer: called on the scan thread.
        on_lamps: called on whichever thread changed the pins.
        with_desk: the hub has its pages for people too.
        service: the gate.
        hub: its process.
        hub_folder: where the hub keeps what it has.
        device_id: of the gate.
    """

    folder: Path
    program: Program
    clock: Clock
    on_answer: Callable[[Answer], None]
    on_lamps: Callable[[PinState], None]
    with_desk: bool = False
    answers: list[Answer] = field(default_factory=list)
    pins: PinRecorder | None = None
    service: Service = field(init=False)
    hub: HubProcess = field(init=False)
    hub_folder: HubFolder = field(init=False)
    device_id: str = field(init=False)
    _stop: threading.Event = field(default_factory=threading.Event)
    _exit: list[int] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.hub = HubProcess(self.folder / "hub", self.clock, desk=self.with_desk)
        self.hub_folder = HubFolder.create(self.folder / "hub", self.clock, settings=self._settings())
        self.hub.start()
        store = self.store
        store.mkdir()
        enrolled = self.hub_folder.add_gate(GATE)
        self.device_id = enrolled.device_id
        enrolment.write(store / enrolment.FILE_NAME, enrolled)
        site = self.folder / "site.yaml"
        site.write_text(site_text(self.program, store, self.hub.url), encoding="utf-8")
        self.service = Service(
            load(site), self.clock, SystemdNotifier({}), watch=self._answered, outputs=self._recorded_pins
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.hub.stop()

    @property
    def store(self) -> Path:
        """The gate's state folder."""
        return self.folder / "store"

    def _settings(self) -> NewSettings:
        desk = "off" if self.hub.desk_port is None else f"{LOOPBACK}:{self.hub.desk_port}"
        return NewSettings(DEFAULT_NAMES, listen=f"{LOOPBACK}:{self.hub.port}", desk=desk)

    def _recorded_pins(self, pins: GpioPins) -> Outputs:
        self.pins = PinRecorder(pins, self.clock, self.on_lamps)
        return self.pins

    def _answered(self, answer: Answer) -> None:
        self.answers.append(answer)
        self.on_answer(answer)

    def play(self, at_frame: Callable[[int], None], on_queue: Callable[[Backlog], None]) -> int:
        """Run the gate through the whole program and until the queue is empty; return its exit code.

        Raises `CameraLost` when frames stop coming; what *at_frame* raises ends the play too.

        Args:
            at_frame: hears the number of the newest frame, again and again; may start and stop the hub.
            on_queue: hears the queue whenever it changed.
        """
        thread = threading.Thread(target=self._run, name="gate")
        thread.start()
        try:
            self._direct(thread, at_frame, on_queue)
        finally:
            self._stop.set()
            thread.join()
        return self._exit[0] if self._exit else 1

    def _run(self) -> None:
        self._exit.append(self.service.run(self._stop))

    def _direct(
        self, thread: threading.Thread, at_frame: Callable[[int], None], on_queue: Callable[[Backlog], None]
    ) -> None:
        last: Backlog | None = None
        give_up_s: float | None = None
        seen, stalled_s = -1, self.clock.monotonic_s() + _STALLED_S
        while thread.is_alive():
            self.clock.wait(self._stop, _TICK_S)
            seq = self.service.health.frame_seq
            at_frame(seq)
            if seq != seen:
                seen, stalled_s = seq, self.clock.monotonic_s() + _STALLED_S
            elif self.clock.monotonic_s() > stalled_s:
                raise CameraLost(f"the gate saw no new frame for {_STALLED_S:g} s; its log says why")
            queue = self._queue()
            if queue is not None and queue != last:
                last = queue
                on_queue(queue)
            if seq < self.program.frames:
                continue
            now_s = self.clock.monotonic_s()
            give_up_s = give_up_s or now_s + _LAST_DELIVERY_S
            if (last is not None and last.undelivered == 0) or now_s > give_up_s:
                return

    def _queue(self) -> Backlog | None:
        """Look at the ledger from outside; ``None`` before there is one."""
        try:
            with SqliteOutbox(self.store) as outbox:
                return outbox.backlog()
        except LedgerUnavailable:
            return None
