"""Startup: the states in which nobody can be recorded yet, shown until they end: not enrolled, revoked, no ledger.

The lamps say which, the watchdog is fed, and what is missing is looked for again every two seconds.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from device.app.destination import webhook_of
from device.app.site_plans import store_limits
from device.clock import Clock
from device.crypto.sealing import Sealer
from device.enrolment import document as enrolment
from device.enrolment.document import Enrolment
from device.errors import ConfigurationError, LedgerUnavailable
from device.model import Cue
from device.monitor.health import Health
from device.ports import Indicator
from device.settings.schema import Site
from device.store.bundle_store import BundleStore
from device.store.ledger import SqliteLedger
from device.threads import ServiceEnd, ServiceThread, Work
from device.uplink.enrol import Enroller, EnrolmentClient, enrol
from device.words import say

_LOOK_AGAIN_S = 2.0

log = logging.getLogger(__name__)


class Waiting:
    """What a gate waits for that cannot record yet: told by the main thread and the enrolling one, asked on any."""

    def __init__(self) -> None:
        self._reason = self._enrolment = ""

    def note(self, reason: str) -> None:
        """Note why nobody can be recorded."""
        self._reason = reason

    def note_enrolment(self, reason: str) -> None:
        """Note why the code of the site file has not enrolled the gate yet; empty when it has."""
        self._enrolment = reason

    def snapshot(self) -> Mapping[str, object]:
        """Return both, as `gate-scanner status` tells them."""
        return {"waits": self._reason or None, "enrolment": self._enrolment or None}


@dataclass(frozen=True, slots=True)
class Startup:
    """Waits on the main thread, before the scan loop.

    Attributes:
        site: the checked site file.
        clock: for the pauses.
        health: whose watchdog is fed.
        indicator: shows what is waited for.
        end: told when the enrolling thread fails.
        stop: ends every wait.
        waiting: what is waited for, for whoever asks.
    """

    site: Site
    clock: Clock
    health: Health
    indicator: Indicator
    end: ServiceEnd
    stop: threading.Event
    waiting: Waiting

    def for_enrolment(self) -> Enrolment | None:
        """Show NOT_ENROLLED, or REVOKED, until there is an enrolment that counts; ``None`` when stopped first.

        A gate whose key was withdrawn records nobody: what it would collect has no purpose and no receiver.
        """
        folder, told = self.site.store.folder, ""
        with ExitStack() as trying:
            while not self.stop.is_set():
                found, state = self._look_for_enrolment(folder)
                self.waiting.note(state)
                if found is not None and not state:
                    return found
                cue = Cue.REVOKED if found else Cue.NOT_ENROLLED
                if told != state:
                    log.warning("event=not-recording cue=%s reason=%r", cue, state)
                    if not told:
                        self._try_the_code(trying)
                told = state
                self._hold(cue)
        return None

    def _look_for_enrolment(self, folder: Path) -> tuple[Enrolment | None, str]:
        """Return the enrolment, and why it does not count or ``""``; one half copied may be whole in a moment."""
        try:
            found = enrolment.read(folder / enrolment.FILE_NAME)
        except ConfigurationError as error:
            return None, str(error)
        if found is None:
            return None, self._how_to_enrol()
        revoked = (folder / enrolment.REVOKED_FILE).exists() and enrolment.is_revoked(
            folder, found, BundleStore(folder, found.bundle_root, found.device_id).roots
        )
        return found, say("the hub has withdrawn it: enrol this gate (gate-scanner enrol)") if revoked else ""

    def _how_to_enrol(self) -> str:
        if webhook_of(self.site) is not None:
            return say("enrol this gate (gate-scanner webhook init)")
        if self.site.hub is None:
            return say(
                "this gate has no hub (hub.url): write one, or let it work alone (gate-scanner lone init --key FILE)"
            )
        return say("enrol this gate (gate-scanner enrol CODE)")

    def _try_the_code(self, trying: ExitStack) -> None:
        """Enrol with the code of the site file, if there is one, beside the lamps; its document is then found."""
        hub, folder = self.site.hub, self.site.store.folder
        if hub is None or hub.enrol_code is None:
            return
        client, code = EnrolmentClient(hub.url, self.clock, hub.deadline_ms / 1000, hub.ca_file), hub.enrol_code
        enroller = Enroller(lambda: enrol(folder, code, client), self.clock, told=self.waiting.note_enrolment)
        trying.enter_context(ServiceThread("enrol", enroller, self.end.fail, 0.0))  # a look-up cannot be cut

    def for_ledger(
        self, enrolled: Enrolment, today: Callable[[], date], report: Callable[[], Work] | None
    ) -> SqliteLedger | None:
        """Show FAULT until the ledger can be written; ``None`` when stopped first.

        Args:
            enrolled: whose ledger.
            today: the day to seal on.
            report: makes what tells the hub of it meanwhile; ``None``: nobody is told.
        """
        told, folder = "", self.site.store.folder
        with ExitStack() as beside:
            while not self.stop.is_set():
                try:
                    sealer = Sealer(enrolled.device_id, enrolled.sealing_keys, today)
                    return SqliteLedger.open(folder, enrolled.device_id, sealer, store_limits(self.site))
                except LedgerUnavailable as error:
                    if not told and report is not None:
                        beside.enter_context(ServiceThread("reports", report(), self.end.fail, 0.0))  # as above
                    if str(error) != told:
                        told = str(error)
                        log.error("event=ledger-unavailable reason=%r", told)  # noqa: TRY400 - the reason is the message
                    self.waiting.note(told)
                    self._hold(Cue.FAULT)
        return None

    def _hold(self, cue: Cue) -> None:
        """Show a state in which nobody can be recorded, feed the watchdog, and wait a little."""
        self.indicator.rest_on(cue)
        self.health.ready()
        until_s = self.clock.monotonic_s() + _LOOK_AGAIN_S
        while self.clock.monotonic_s() < until_s and not self.stop.is_set():
            self.health.beat()
            self.clock.wait(self.stop, 0.5)
