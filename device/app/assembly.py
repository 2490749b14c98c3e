"""Assembly of an enrolled gate: the loops beside the scan loop, then the gate itself, each built complete."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

from device.app.bundle_adoption import hub_of, refresher_of
from device.app.delivery import delivery_of, status_lookup_of
from device.app.eye import eye_of, recovering
from device.app.gate_state import state_of
from device.app.policy_adoption import PolicyAdoption
from device.app.site_plans import presence
from device.app.status_report import OpenGate, StatusReport
from device.clock import JudgedClock
from device.credential import recognise
from device.enrolment.document import Enrolment
from device.eye.recovery import Attempts
from device.gate.link_status import LinkStatus
from device.gate.occupancy import Occupancy
from device.gate.registrar import Answer, Registrar, Way
from device.gate.rules import Rules, RulesInForce
from device.gate.scan import Gate
from device.gate.traffic import Traffic
from device.indicator.pins import GpioPins
from device.model import Claim, Count
from device.monitor.host import PowerWatch
from device.policy import Recent
from device.settings.policy_in_force import PolicyFollower
from device.settings.watched_file import Offered
from device.store.checkup import BREAK_OFF_MOST_S, Checkup
from device.store.high_water_mark import HighWaterMark
from device.store.ledger import SqliteLedger
from device.store.tally import Tally
from device.sync.refresh import Beside, Refresher
from device.sync.state_reporter import StateDesk, StateReporter
from device.threads import STOP_MOST_S, ServiceEnd, ServiceThread, Work


@dataclass(frozen=True, slots=True)
class Assembly:
    """Builds one gate and starts what runs beside it. Used once, on the main thread.

    Attributes:
        report: what there is already: site file, clock, figures, lamps, policy and trust list.
        pins: the manual button and the switch.
        enrolled: who this gate is.
        mark: the time before which it certainly is not.
        ledger: where check-ins are written.
        link: how it stands with the centre.
        end: told when a thread fails.
        opened: closes everything, the last first.
    """

    report: StatusReport
    pins: GpioPins
    enrolled: Enrolment
    mark: HighWaterMark
    ledger: SqliteLedger
    link: LinkStatus
    end: ServiceEnd
    opened: ExitStack

    def build(
        self, watch: Callable[[Answer], None], tell: Callable[[], Mapping[str, object]]
    ) -> tuple[Gate, StatusReport]:
        """Return the gate, ready to scan, and the report that tells of it.

        Args:
            watch: called after each answer, on the scan thread.
            tell: tells how the gate stands (`StatusReport.tell`) by the newest report; any thread.
        """
        report, site, clock = self.report, self.report.site, self.report.clock
        self._start("checkup", Checkup(self.ledger, site.store.folder), BREAK_OFF_MOST_S)
        traffic, new_row, pressed = Traffic(clock), threading.Event(), threading.Event()
        judged, occupancy = JudgedClock(clock, self.mark), Occupancy()
        lookup = status_lookup_of(site, self.enrolled, clock, self.opened)
        rules = RulesInForce(Rules(report.policies.in_force, cues=site.own_cues, lookup=lookup))
        tally = Tally(judged, None if hub_of(site) is None else site.store.folder)
        self.opened.callback(partial(tally.keep, at_once=True))
        refresher = self._refresh(rules, traffic, judged, partial(self._reporter, tell, tally))
        power = self._follow_policy(rules, refresher, judged)
        delivers = self._deliver(traffic, new_row, refresher)
        eye, attempts = eye_of(site, clock, report.health), Attempts(site.store.folder, clock)
        watched = presence(site, self._recognise)
        self.pins.on_press(pressed.set)
        self.pins.on_passage(partial(tally.count, Count.PASSED))
        way = Way(site.direction, self.pins.turned_out)
        gate = Gate(
            eye=recovering(site, eye, attempts, clock, self.end.fail),
            presence=watched,
            registrar=Registrar(rules, Recent(), occupancy, self.ledger, judged, site.place, way),
            indicator=report.indicator,
            clock=clock,
            health=report.health,
            link=self.link,
            traffic=traffic,
            new_row=new_row,
            pressed=pressed,
            watch=partial(_answered, tally, watch),
        )
        link = self.link if delivers else None
        told = OpenGate(eye, attempts, self.ledger.sealer, self.mark, occupancy, link, refresher, power, tally)
        return gate, replace(report, gate=told)

    def _reporter(self, tell: Callable[[], Mapping[str, object]], tally: Tally, desk: StateDesk) -> StateReporter:
        clock = self.report.clock
        return StateReporter(desk, lambda: state_of(tell(), clock.reading().wall_ms, tally), tally, clock)

    def _refresh(
        self, rules: RulesInForce, traffic: Traffic, judged: JudgedClock, beside: Callable[[StateDesk], Beside]
    ) -> Refresher | None:
        """Put into force what is kept of the hub's bundles, then look for newer; ``None`` without a hub."""
        report, sealer = self.report, self.ledger.sealer
        trust = report.trust if isinstance(report.trust, Offered) else None
        refresher = refresher_of(
            report.site, self.enrolled, report.clock, traffic, rules, sealer, report.policies, trust, beside
        )
        if refresher is None:
            return None
        if trust is not None:
            trust.look()
        report.policies.look(judged.reading())
        self._start("bundles", refresher)
        return refresher

    def _follow_policy(self, rules: RulesInForce, refresher: Refresher | None, judged: JudgedClock) -> PowerWatch:
        """Adopt the policy in force, then follow it; and clock, trust list and power supply beside it."""
        policies, trust = self.report.policies, self.report.trust
        adoption = PolicyAdoption(self.report.site, rules, refresher)
        adoption.adopt(policies.in_force)
        power = PowerWatch()
        beside = [self.mark.look, power.look, *([trust.look] if trust is not None else [])]
        self._start("policy", PolicyFollower(policies, judged, adoption.adopt, beside), None)
        return power

    def _deliver(self, traffic: Traffic, new_row: threading.Event, refresher: Refresher | None) -> bool:
        """Deliver what is recorded; return whether there is anybody to send it to."""
        site, clock, end = self.report.site, self.report.clock, self.end
        delivery = delivery_of(
            site, self.enrolled, self.ledger, clock, self.mark, self.link, traffic, new_row, refresher, end.fail
        )
        if delivery is None:
            return False
        self._start("sync", delivery)
        return True

    def _recognise(self, payload: bytes) -> Claim:
        """Say what a payload is, by the trust list of this moment; on the scan thread."""
        return recognise(payload, self.report.trust.latest if self.report.trust is not None else None)

    def _start(self, name: str, work: Work, stop_most_s: float | None = STOP_MOST_S) -> None:
        self.opened.enter_context(ServiceThread(name, work, self.end.fail, stop_most_s))


def _answered(tally: Tally, watch: Callable[[Answer], None], answer: Answer) -> None:
    """Count an answer, then pass it on; on the scan thread, after the lamp."""
    tally.answered(answer.cue)
    watch(answer)
