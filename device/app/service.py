"""The gate service: builds everything a site file names, and runs the scan loop until told to stop.

Order matters and is the same at every start: pins (so that there is a lamp to say what is wrong),
camera and hub settings, enrolment, ledger, delivery, eye, scan loop. Each part is built complete, from those before it.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from device.app.assembly import Assembly
from device.app.bundle_adoption import hub_of
from device.app.preflight import check_files
from device.app.report_of_waiting import ReportOfWaiting
from device.app.site_plans import inline_policy, pin_plan
from device.app.startup import Startup, Waiting
from device.app.status_report import StatusReport
from device.clock import Clock, JudgedClock
from device.credential.hc1.trust_list import TrustList
from device.errors import PinUnavailable
from device.gate.history import AnswerHistory, Remembered
from device.gate.link_status import LinkStatus
from device.gate.registrar import Answer
from device.gate.scan import scan
from device.indicator.lights import lamp_test
from device.indicator.pins import GpioPins, Outputs, open_pins
from device.indicator.player import LampIndicator
from device.model import Cue
from device.monitor.control_socket import ControlSocket, Question, runtime_folder
from device.monitor.dumpable import forbid_dumps
from device.monitor.health import Health
from device.monitor.memory_lock import lock_memory
from device.policy import PATTERNS
from device.ports import ServiceNotifier
from device.settings.policy_in_force import PolicySource
from device.settings.schema import Site
from device.settings.tree import Located
from device.settings.watched_file import Offered, WatchedFile
from device.store.high_water_mark import HighWaterMark
from device.threads import ServiceEnd, ServiceThread
from device.trust.trust_list import load_trust

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Service:
    """One gate, from its site file to its last lamp.

    Attributes:
        site: the checked site file.
        clock: for everything.
        notifier: systemd, or silence.
        watch: called after each answer, on the scan thread; ``None``: nobody watches.
        outputs: lets a demo or a bench stand between the indicator and the pins; ``None``: nothing does.
        located: where the keys of the site file stand, for a mistake; ``None``: nobody knows.
        health: figures, while it runs and after.
        link: how it stands with the centre, the same.
    """

    site: Site
    clock: Clock
    notifier: ServiceNotifier
    watch: Callable[[Answer], None] | None = None
    outputs: Callable[[GpioPins], Outputs] | None = None
    located: Located | None = None
    health: Health = field(init=False)
    link: LinkStatus = field(init=False)
    _history: AnswerHistory = field(init=False, default_factory=AnswerHistory)
    _report: StatusReport = field(init=False)

    def __post_init__(self) -> None:
        self.health = Health(self.clock, self.notifier)
        self.link = LinkStatus(self.clock.monotonic_ms())

    def run(self, stop: threading.Event) -> int:
        """Run until *stop* is set, a replay ends or a thread fails. Pins are dark afterwards.

        Returns:
            ``EX_OK``; ``EX_UNAVAILABLE``: a pin cannot be had; ``EX_SOFTWARE``: it failed, or the hub has withdrawn
            this gate. systemd starts it anew after each.

        Raises:
            ConfigurationError: the site file names something that cannot be; nothing was lit.
        """
        forbid_dumps()  # before a secret is read
        lock_memory()
        check_files(self.site, self.located)
        policies = PolicySource(self.site.policy.file, inline_policy(self.site), self.clock)
        trust = _trust_of(self.site)
        end = ServiceEnd(stop)
        with ExitStack() as opened:
            try:
                pins = open_pins(pin_plan(self.site.pins))
            except PinUnavailable as error:
                log.error("event=pins-unavailable reason=%r", str(error))  # noqa: TRY400 - the reason is the message
                return os.EX_UNAVAILABLE
            patterns = {**PATTERNS, **self.site.patterns}
            outputs = pins if self.outputs is None else self.outputs(pins)
            indicator = LampIndicator(outputs, patterns, self.clock, self._tell_systemd)
            opened.enter_context(ServiceThread("indicator", indicator, end.fail))
            indicator.rest_on(Cue.STARTING)
            waiting = Waiting()
            self._report = StatusReport(
                self.site, self.clock, self.health, self._history, indicator, policies, trust, waiting
            )
            self._open_control_socket(opened, end, lamp_test(indicator.play, patterns))
            self._record(Startup(self.site, self.clock, self.health, indicator, end, stop, waiting), pins, opened)
            self.notifier.stopping()
        return os.EX_SOFTWARE if end.failed else os.EX_OK

    def _record(self, waiting: Startup, pins: GpioPins, opened: ExitStack) -> None:
        """Wait for an enrolment and a ledger, then record check-ins until told to stop."""
        enrolled = waiting.for_enrolment()
        if enrolled is None:
            return
        alone = self.site.hub is None
        mark = HighWaterMark(self.site.store.folder, enrolled.at_ms, self.clock, alone=alone)
        tell, hub = partial(self._status, {}), hub_of(self.site)
        report = None if hub is None else partial(ReportOfWaiting, hub, enrolled, JudgedClock(self.clock, mark), tell)
        ledger = waiting.for_ledger(enrolled, mark.today, report)
        if ledger is None:
            return
        opened.callback(ledger.close)
        assembly = Assembly(self._report, pins, enrolled, mark, ledger, self.link, waiting.end, opened)
        gate, self._report = assembly.build(self._answered, tell)
        place, direction = self.site.place.name, self.site.direction
        log.info("event=started place=%r direction=%s epoch=%s", place, direction, ledger.epoch)
        scan(gate, waiting.stop)

    def _open_control_socket(self, opened: ExitStack, end: ServiceEnd, lights: Question) -> None:
        """Let a person ask the running gate; one that cannot be asked still does its work."""
        folder = runtime_folder() or self.site.store.folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # without systemd a new gate's store is not there yet
            asked = ControlSocket(folder, {"why": self._why, "status": self._status, "lights": lights})
        except OSError as error:
            log.warning("event=no-control-socket folder=%s reason=%r", folder, error.strerror)
            return
        opened.enter_context(ServiceThread("control-socket", asked, end.fail, None))

    def _status(self, _terms: Mapping[str, object]) -> Mapping[str, object]:
        """Answer `gate-scanner status`, and what the hub is told by; any thread."""
        return self._report.tell()

    def _why(self, terms: Mapping[str, object]) -> object:
        """Answer `gate-scanner why`; on the control socket's thread."""
        last = terms.get("last")
        return self._report.why(last if isinstance(last, int) else 10)

    def _tell_systemd(self, cue: Cue) -> None:
        """Put what the lamps say into `systemctl status`."""
        self.notifier.status(f"lamps say: {cue}")

    def _answered(self, answer: Answer) -> None:
        """Remember an answer, then pass it on."""
        kind = None if answer.reading is None else answer.reading.claim.kind
        at, way = self.clock.reading(), answer.direction
        self._history.note(Remembered(at, answer.cue, answer.reason, kind, way, answer.decision, answer.seq))
        if self.watch is not None:
            self.watch(answer)


def _trust_of(site: Site) -> WatchedFile[TrustList] | Offered[TrustList] | None:
    """Read the trust list, or make the place for the hub's; ``None`` for a site without one."""
    if site.trust is None:
        return None
    file = site.trust.file
    return Offered() if file is None else WatchedFile(file, load_trust, "trust list")
