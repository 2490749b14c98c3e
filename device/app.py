"""The only builder: takes a checked site file, opens what it names, and runs the gate until told to stop.

Order matters and is the same at every start: pins (so that there is a lamp to say what is wrong),
camera and hub settings, enrolment, ledger, delivery, eye, scan loop.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from device import enrolment
from device.camera.pictures import pictures_in
from device.clock import Clock
from device.credential import recognise
from device.credential.hc1.trust_list import TrustList
from device.enrolling import Desk, Enroller, enrol
from device.enrolment import Enrolment
from device.errors import CameraUnavailable, ConfigurationError, LedgerUnavailable, PinUnavailable
from device.eye import ChildEye, EyeLimits, EyeReports
from device.fates import LinkState
from device.followed import FollowedFile
from device.gate import Answer, Gate, busy, scan
from device.health import Health
from device.indicator import LampIndicator
from device.inquiry import Inquiry, runtime_folder
from device.memory import Memory, Remembered
from device.model import Claim, Cue, Direction
from device.pins import GpioPins, Outputs, open_pins
from device.plans import camera_plan, inline_policy, pin_plan, presence, store_limits
from device.policy import SCORES, Policy, Recent
from device.policy_source import PolicySource
from device.ports import ServiceNotifier
from device.sealing import Sealer
from device.settings.schema import Site
from device.store.checkup import Checkup
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.sync import Delivery
from device.trust import load_trust
from device.uplink import RequestsUplink

EX_OK, EX_FAILED, EX_UNAVAILABLE, EX_CONFIG = 0, 1, 69, 78
"""Exit codes of the service (sysexits.h); systemd restarts after all but the first and the last."""

_LOOK_AGAIN_S = 2.0

log = logging.getLogger("gate.app")


def _no_answer(_answer: Answer) -> None:
    pass


def _as_they_are(pins: GpioPins) -> Outputs:
    return pins


@dataclass(slots=True)
class Service:
    """One gate, from its site file to its last lamp.

    Attributes:
        site: the checked site file.
        clock: for everything.
        notifier: systemd, or silence.
        watch: called after each answer, on the scan thread.
        outputs: lets a demo or a bench stand between the indicator and the pins.
        health: figures, while it runs and after.
        delivery: the sync thread; ``None`` without a hub.
        policies: what is in force; made by `run`.
        trust: whose certificates count; ``None`` without a trust list.
        memory: the last answers, for whoever asks why.
    """

    site: Site
    clock: Clock
    notifier: ServiceNotifier
    watch: Callable[[Answer], None] = _no_answer
    outputs: Callable[[GpioPins], Outputs] = _as_they_are
    delivery: Delivery | None = None
    health: Health = field(init=False)
    policies: PolicySource = field(init=False)
    trust: FollowedFile[TrustList] | None = None
    memory: Memory = field(default_factory=Memory)
    _failed: threading.Event = field(default_factory=threading.Event)
    _inside: Callable[[], int] = lambda: 0

    def __post_init__(self) -> None:
        self.health = Health(self.clock, self.notifier)

    def run(self, stop: threading.Event) -> int:
        """Run until *stop* is set or a replay ends; return the exit code. Pins are dark afterwards.

        Raises:
            ConfigurationError: the site file names something that cannot be; nothing was lit.
        """
        self._check_files()
        self.policies = PolicySource(self.site.policy.file, inline_policy(self.site), self.clock)
        if self.site.trust is not None:
            self.trust = FollowedFile(self.site.trust.file, load_trust, "trust list")
        with ExitStack() as opened:
            try:
                pins = open_pins(pin_plan(self.site))
            except PinUnavailable as error:
                log.error("pins unavailable reason=%s", error)  # noqa: TRY400 - the reason is the message
                return EX_UNAVAILABLE
            indicator = LampIndicator(self.outputs(pins), {**SCORES, **self.site.scores}, self.clock)
            opened.callback(indicator.close)
            indicator.rest_on(Cue.STARTING)
            self._open_inquiry(opened)
            enrolled = self._wait_for_enrolment(indicator, stop)
            ledger = enrolled and self._wait_for_ledger(enrolled, indicator, stop)
            if not enrolled or not ledger:
                self.notifier.stopping()
                return EX_OK
            opened.callback(ledger.close)
            opened.callback(Checkup.start(ledger, self.site.store.folder).stop)
            gate = self._gate(ledger, indicator)
            pins.on_press(gate.pressed.set)
            self._follow_policy(gate)
            opened.callback(self.policies.close)
            self._start_delivery(enrolled, gate, ledger, stop)
            if self.delivery is not None:
                opened.callback(self.delivery.stop)
            log.info("started place=%a direction=%s epoch=%s", self.site.place.name, gate.direction, ledger.epoch)
            scan(gate, stop)
            self.notifier.stopping()
        return EX_FAILED if self._failed.is_set() else EX_OK

    def _open_inquiry(self, opened: ExitStack) -> None:
        """Let a person ask the running gate; one that cannot be asked still does its work."""
        folder = runtime_folder() or self.site.store.folder
        try:
            inquiry = Inquiry(folder, {"why": self._why})
        except OSError as error:
            log.warning("nobody can ask this gate: %s: %s", folder, error.strerror)
            return
        opened.callback(inquiry.close)

    def _why(self, terms: Mapping[str, object]) -> object:
        """Answer `gate-scanner why`; on the inquiry's thread."""
        last = terms.get("last")
        count = last if isinstance(last, int) else 10
        return {"policy": self.policies.snapshot(), "inside": self._inside(), "answers": self.memory.last(count)}

    def _follow_policy(self, gate: Gate) -> None:
        def adopt(policy: Policy) -> None:
            gate.policy = policy
            if policy.capacity is not None and gate.direction is Direction.UNKNOWN:
                log.warning("capacity is not counted: the site file's direction is unknown")

        self._inside = lambda: gate.room.inside
        self.policies.follow(adopt, *([self.trust.look] if self.trust else []))

    def _recognise(self, payload: bytes) -> Claim:
        """Say what a payload is, by the trust list of this moment; on the scan thread."""
        return recognise(payload, self.trust.latest if self.trust else None)

    def _answered(self, answer: Answer) -> None:
        """Remember an answer, then pass it on."""
        kind = None if answer.reading is None else answer.reading.claim.kind
        at, way = self.clock.reading(), self.site.direction
        self.memory.note(Remembered(at, answer.cue, answer.reason, kind, way, answer.decision, answer.seq))
        self.watch(answer)

    def _check_files(self) -> None:
        """Refuse what cannot be there, before any lamp lights."""
        hub, store = self.site.hub, self.site.store.folder
        if hub is not None and hub.ca_file is not None and not hub.ca_file.is_file():
            raise ConfigurationError(f"hub.ca_file: there is no file {hub.ca_file}")
        if store.exists() and not store.is_dir():
            raise ConfigurationError(f"store.folder: {store} is not a folder; name one")
        if self.site.camera.source == "picamera2" and find_spec("picamera2") is None:
            raise ConfigurationError("camera.source: picamera2 is not installed; run setup.sh install, or write replay")
        replay = self.site.camera.replay.path
        if self.site.camera.source == "replay" and replay is not None and not replay.is_fifo():
            try:
                pictures_in(replay)
            except CameraUnavailable as error:
                raise ConfigurationError(str(error)) from error

    def _wait_for_enrolment(self, indicator: LampIndicator, stop: threading.Event) -> Enrolment | None:
        """Show NOT_ENROLLED, or REVOKED, until there is an enrolment that counts; ``None`` when stopped first.

        A gate whose key was withdrawn records nobody: what it would collect has no purpose and no receiver.
        """
        folder, told = self.site.store.folder, ""
        with ExitStack() as trying:
            while not stop.is_set():
                found, state = self._look_for_enrolment(folder)
                if found is not None and not state:
                    return found
                if told != state:
                    log.warning("%s", state)
                    if not told:
                        self._try_the_code(trying)
                told = state
                self._hold(Cue.REVOKED if found else Cue.NOT_ENROLLED, indicator, stop)
        return None

    def _look_for_enrolment(self, folder: Path) -> tuple[Enrolment | None, str]:
        """Return the enrolment, and why it does not count or ``""``; one half copied may be whole in a moment."""
        try:
            found = enrolment.read(folder / enrolment.FILE_NAME)
        except ConfigurationError as error:
            return None, f"not enrolled: {error}"
        if found is None:
            return None, "not enrolled: enrol this gate (gate-scanner enrol)"
        return found, "revoked: enrol this gate (gate-scanner enrol)" if enrolment.is_revoked(folder, found) else ""

    def _try_the_code(self, trying: ExitStack) -> None:
        """Enrol with the code of the site file, if there is one, beside the lamps; its document is then found."""
        hub, folder = self.site.hub, self.site.store.folder
        if hub is None or hub.enrol_code is None:
            return
        desk, code = Desk(hub.url, self.clock, hub.deadline_ms / 1000, hub.ca_file), hub.enrol_code
        enroller = Enroller(lambda: enrol(folder, code, desk), self.clock)
        trying.callback(enroller.stop)
        enroller.start()

    def _wait_for_ledger(
        self, enrolled: Enrolment, indicator: LampIndicator, stop: threading.Event
    ) -> SqliteLedger | None:
        """Show FAULT until the ledger can be written; ``None`` when stopped first."""
        told = ""
        while not stop.is_set():
            try:
                sealer = Sealer(enrolled.device_id, enrolled.sealing_keys)
                return SqliteLedger.open(self.site.store.folder, enrolled.device_id, sealer, store_limits(self.site))
            except LedgerUnavailable as error:
                if str(error) != told:
                    told = str(error)
                    log.error("ledger unavailable reason=%s", error)  # noqa: TRY400 - the reason is the message
                self._hold(Cue.FAULT, indicator, stop)
        return None

    def _hold(self, cue: Cue, indicator: LampIndicator, stop: threading.Event) -> None:
        """Show a state in which nobody can be recorded, feed the watchdog, and wait a little."""
        indicator.rest_on(cue)
        self.health.ready()
        until_s = self.clock.monotonic_s() + _LOOK_AGAIN_S
        while self.clock.monotonic_s() < until_s and not stop.is_set():
            self.health.beat()
            self.clock.wait(stop, 0.5)

    def _gate(self, ledger: SqliteLedger, indicator: LampIndicator) -> Gate:
        limits = EyeLimits(self.site.camera.silent_after_ms / 1000, self.site.camera.start_deadline_ms / 1000)
        eye = ChildEye(
            camera_plan(self.site).to_json(),
            self.clock,
            limits,
            reports=EyeReports(self.health.eye_failed, self.health.engine_crashed, self.health.engines_are),
        )
        watched = presence(self.site, self._recognise)
        self.health.follow_ignored(lambda: watched.ignored)
        return Gate(
            eye=eye,
            presence=watched,
            policy=self.policies.in_force,
            recent=Recent(),
            ledger=ledger,
            indicator=indicator,
            clock=self.clock,
            health=self.health,
            place=self.site.place,
            direction=self.site.direction,
            watch=self._answered,
        )

    def _start_delivery(self, enrolled: Enrolment, gate: Gate, ledger: SqliteLedger, stop: threading.Event) -> None:
        """Start the sync thread, when the site file names a hub."""
        hub = self.site.hub
        if hub is None:
            return
        uplink = RequestsUplink(hub.url, enrolled, self.clock, deadline_s=hub.deadline_ms / 1000, ca_file=hub.ca_file)

        def defect(_error: Exception) -> None:
            self._failed.set()  # a gate that cannot deliver must not look well: systemd starts it anew
            stop.set()

        store = self.site.store

        def revoked(statement: bytes) -> None:
            try:
                enrolment.note_revoked(store.folder, statement)
            except OSError as error:
                log.error("revoked, which cannot be kept reason=%s", error.strerror)  # noqa: TRY400 - it says all
            self._failed.set()  # started anew, it shows REVOKED and records nobody
            stop.set()

        outbox = SqliteOutbox(store.folder, damaged=ledger.condemn)
        delivery = Delivery(
            lambda: outbox,
            uplink,
            self.clock,
            report=defect,
            revoked=revoked,
            abort=uplink.close,
            interval_s=hub.interval_ms / 1000,
            yield_while=lambda: busy(gate, round(self.clock.monotonic_s() * 1000)),
            most_rows=hub.batch_rows,
            tidy=lambda: outbox.tidy(store.keep_delivered_ms, self.clock.reading()),
        )
        self.delivery = delivery
        gate.offline = lambda: delivery.link.state in {LinkState.OFFLINE, LinkState.REFUSED}
        gate.recorded = delivery.wake
        delivery.start()
