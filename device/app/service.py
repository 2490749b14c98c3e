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
from functools import partial

from device.app.bundle_adoption import refresher_of
from device.app.delivery import delivery_of, status_lookup_of
from device.app.eye import eye_of
from device.app.preflight import check_files
from device.app.site_plans import inline_policy, pin_plan, presence
from device.app.startup import Startup
from device.app.status_report import StatusReport
from device.clock import Clock
from device.credential import recognise
from device.credential.hc1.trust_list import TrustList
from device.enrolment.document import Enrolment
from device.errors import PinUnavailable
from device.gate.history import AnswerHistory, Remembered
from device.gate.scan import Answer, Gate, scan
from device.gate.status_lookup import StatusLookup
from device.indicator.lights import lamp_test
from device.indicator.pins import GpioPins, Outputs, open_pins
from device.indicator.player import LampIndicator
from device.model import Claim, Cue, Direction
from device.monitor.control_socket import ControlSocket, Question, runtime_folder
from device.monitor.health import Health
from device.policy import PATTERNS, Policy, Recent
from device.ports import ServiceNotifier
from device.settings.policy_in_force import PolicySource
from device.settings.schema import Site
from device.settings.watched_file import Offered, WatchedFile
from device.store.checkup import Checkup
from device.store.high_water_mark import HighWaterMark
from device.store.ledger import SqliteLedger
from device.sync.delivery import Delivery
from device.sync.refresh import Refresher
from device.trust.trust_list import load_trust

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
        refresher: takes over what the hub publishes; ``None`` without a hub.
        memory: the last answers, for whoever asks why.
        overview: how all of it stands, for whoever asks.
    """

    site: Site
    clock: Clock
    notifier: ServiceNotifier
    watch: Callable[[Answer], None] = _no_answer
    outputs: Callable[[GpioPins], Outputs] = _as_they_are
    delivery: Delivery | None = None
    health: Health = field(init=False)
    policies: PolicySource = field(init=False)
    trust: WatchedFile[TrustList] | Offered[TrustList] | None = None
    refresher: Refresher | None = None
    memory: AnswerHistory = field(default_factory=AnswerHistory)
    overview: StatusReport = field(init=False)
    _failed: threading.Event = field(default_factory=threading.Event)
    _inside: Callable[[], int] = lambda: 0

    def __post_init__(self) -> None:
        self.health = Health(self.clock, self.notifier)
        self.overview = StatusReport(self.site, self.clock, self.health, self.memory)

    def run(self, stop: threading.Event) -> int:
        """Run until *stop* is set or a replay ends; return the exit code. Pins are dark afterwards.

        Raises:
            ConfigurationError: the site file names something that cannot be; nothing was lit.
        """
        check_files(self.site)
        self.policies = PolicySource(self.site.policy.file, inline_policy(self.site), self.clock)
        if self.site.trust is not None:
            file = self.site.trust.file
            self.trust = Offered() if file is None else WatchedFile(file, load_trust, "trust list")
        with ExitStack() as opened:
            try:
                pins = open_pins(pin_plan(self.site.pins))
            except PinUnavailable as error:
                log.error("pins unavailable reason=%s", error)  # noqa: TRY400 - the reason is the message
                return EX_UNAVAILABLE
            patterns = {**PATTERNS, **self.site.patterns}
            indicator = LampIndicator(self.outputs(pins), patterns, self.clock, self._tell_systemd)
            opened.callback(indicator.close)
            indicator.rest_on(Cue.STARTING)
            self._open_inquiry(opened, indicator, lamp_test(indicator.play, patterns))
            waiting = Startup(self.site, self.clock, self.health, indicator, stop)
            enrolled = waiting.for_enrolment()
            enrolled_ms, alone = enrolled.at_ms if enrolled else 0, self.site.hub is None
            mark = HighWaterMark(self.site.store.folder, enrolled_ms, self.clock, alone=alone)
            ledger = enrolled and waiting.for_ledger(enrolled, mark.today)
            if not enrolled or not ledger:
                self.notifier.stopping()
                return EX_OK
            opened.callback(ledger.close)
            opened.callback(Checkup.start(ledger, self.site.store.folder).stop)
            fail = partial(self._fail, stop)
            gate = self._gate(ledger, indicator, fail)
            gate.judged = self.policies.judged = self.overview.judged = mark.judged
            self.overview.add_keys(ledger.sealer, mark)
            pins.on_press(gate.pressed.set)
            gate.turned_out = pins.turned_out
            self._refresh(enrolled, gate, ledger, opened)
            self._follow_policy(gate, status_lookup_of(self.site, enrolled, self.clock, opened), mark)
            opened.callback(self.policies.close)
            self.delivery = delivery_of(self.site, enrolled, gate, ledger, mark, fail, self.refresher)
            if self.delivery is not None:
                self.overview.add_delivery(self.delivery)
                self.delivery.start()
                opened.callback(self.delivery.stop)
            log.info("started place=%a direction=%s epoch=%s", self.site.place.name, gate.direction, ledger.epoch)
            scan(gate, stop)
            self.notifier.stopping()
        return EX_FAILED if self._failed.is_set() else EX_OK

    def _open_inquiry(self, opened: ExitStack, indicator: LampIndicator, lights: Question) -> None:
        """Let a person ask the running gate; one that cannot be asked still does its work."""
        folder = runtime_folder() or self.site.store.folder
        self._tell_about(indicator)
        try:
            inquiry = ControlSocket(folder, {"why": self._why, "status": self._status, "lights": lights})
        except OSError as error:
            log.warning("nobody can ask this gate: %s: %s", folder, error.strerror)
            return
        opened.callback(inquiry.close)

    def _status(self, _terms: Mapping[str, object]) -> object:
        """Answer `gate-scanner status`; on the inquiry's thread."""
        return self.overview.tell()

    def _tell_systemd(self, cue: Cue) -> None:
        """Put what the lamps say into `systemctl status`."""
        self.notifier.status(f"lamps say: {cue}")

    def _tell_about(self, indicator: LampIndicator) -> None:
        """Give the overview what is there from the start."""
        self.overview.resting = lambda: indicator.resting
        self.overview.failing = lambda: indicator.failing
        self.overview.parts["policy"] = self.policies.snapshot
        if (trust := self.trust) is not None:
            self.overview.parts["trust"] = partial(trust.snapshot, self.clock)

    def _why(self, terms: Mapping[str, object]) -> object:
        """Answer `gate-scanner why`; on the inquiry's thread."""
        last = terms.get("last")
        count = last if isinstance(last, int) else 10
        return {
            "policy": self.policies.snapshot(),
            "trust": None if self.trust is None else self.trust.snapshot(self.clock),
            "bundles": None if self.refresher is None else self.refresher.snapshot(),
            "inside": self._inside(),
            "answers": self.memory.last(count),
        }

    def _refresh(self, enrolled: Enrolment, gate: Gate, ledger: SqliteLedger, opened: ExitStack) -> None:
        """Put into force what is kept of the hub's bundles, then look for newer."""
        trust = self.trust if isinstance(self.trust, Offered) else None
        self.refresher = refresher_of(self.site, enrolled, gate, ledger.sealer, self.policies, trust, opened)
        if self.refresher is None:
            return
        self.overview.parts["bundles"] = self.refresher.snapshot
        if trust is not None:
            trust.look()
        self.policies.look()
        self.refresher.start()

    def _follow_policy(self, gate: Gate, asker: StatusLookup | None, mark: HighWaterMark) -> None:
        def adopt(policy: Policy) -> None:
            gate.policy, gate.asker = policy, asker if policy.status is not None else None
            if self.refresher is not None:
                self.refresher.wake()  # it may want lists of people now, or want them no longer
            elif policy.watch_list is not None or policy.roster is not None:
                log.warning("there will be no list of people: the site file names no hub")
            if policy.status is not None and asker is None:
                log.warning("status is not asked: the site file names no hub")
            if policy.capacity is not None and (why := self._uncounted()):
                log.warning("capacity %s", why)

        self._inside = lambda: gate.room.inside
        self.policies.follow(adopt, mark.look, *([self.trust.look] if self.trust else []))

    def _uncounted(self) -> str:
        """Say what of a capacity this gate cannot count; empty when it counts who comes and who leaves."""
        if self.site.direction is Direction.UNKNOWN:
            return "is not counted: the site file's direction is unknown"
        if self.site.pins.out_switch is None:
            return "counts one way only: wire pins.out_switch, and who leaves by this gate is counted too"
        return ""

    def _recognise(self, payload: bytes) -> Claim:
        """Say what a payload is, by the trust list of this moment; on the scan thread."""
        return recognise(payload, self.trust.latest if self.trust else None)

    def _answered(self, answer: Answer) -> None:
        """Remember an answer, then pass it on."""
        kind = None if answer.reading is None else answer.reading.claim.kind
        at, way = self.clock.reading(), answer.direction
        self.memory.note(Remembered(at, answer.cue, answer.reason, kind, way, answer.decision, answer.seq))
        self.watch(answer)

    def _gate(self, ledger: SqliteLedger, indicator: LampIndicator, restart: Callable[[], None]) -> Gate:
        eye = eye_of(self.site, self.clock, self.health, self.overview, restart)
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
            cues=self.site.own_cues,
            watch=self._answered,
        )

    def _fail(self, stop: threading.Event) -> None:
        """End the service with a failure: systemd starts it anew."""
        self._failed.set()
        stop.set()
