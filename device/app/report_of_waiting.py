"""A gate whose ledger cannot be written yet tells its hub so all the same, on a thread beside the wait.

To whoever looks after a thousand gates it would be one more that is silent, and no card would be taken along.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from device.app.gate_state import state_of
from device.clock import JudgedClock
from device.enrolment.document import Enrolment
from device.settings.schema import HubSection
from device.store.tally import Tally
from device.sync.state_reporter import StateReporter
from device.uplink.bundles import BundleClient


class ReportOfWaiting:
    """Reports until it is closed; the work of one thread. It counts nothing and writes nothing: nobody is let in."""

    def __init__(
        self, hub: HubSection, enrolled: Enrolment, judged: JudgedClock, tell: Callable[[], Mapping[str, object]]
    ) -> None:
        tally, self._clock, self._stop = Tally(judged, None), judged.clock, threading.Event()
        self._hub = BundleClient(hub.url, enrolled, self._clock, deadline_s=hub.deadline_ms / 1000, ca_file=hub.ca_file)
        clock = self._clock
        self._reporter = StateReporter(
            self._hub, lambda: state_of(tell(), clock.reading().wall_ms, tally), tally, clock
        )

    def run(self) -> None:
        """Report whenever it is time to."""
        while not self._stop.is_set():
            self._clock.wait(self._stop, max(1.0, self._reporter.turn()))

    def close(self) -> None:
        """End it, also in the middle of a request; any thread."""
        self._stop.set()
        self._hub.close()
