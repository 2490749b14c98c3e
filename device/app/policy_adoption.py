"""Policy adoption: puts a policy into force at the gate, and says what of it this gate cannot do."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from device.gate.rules import RulesInForce
from device.model import Direction
from device.policy import Policy
from device.settings.schema import Site
from device.sync.refresh import Refresher

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PolicyAdoption:
    """Adopts one policy after the other, on one thread at a time.

    Attributes:
        site: the checked site file.
        rules: what visitors are judged by.
        refresher: fetches lists of people; ``None`` without a hub.
    """

    site: Site
    rules: RulesInForce
    refresher: Refresher | None

    def adopt(self, policy: Policy) -> None:
        """Put *policy* into force."""
        self.rules.adopt(policy)
        if self.refresher is not None:
            self.refresher.wake()  # it may want lists of people now, or want them no longer
        elif policy.watch_list is not None or policy.roster is not None:
            log.warning("event=no-people-lists reason=%r", "the site file names no hub")
        if policy.status is not None and self.rules.now.lookup is None:
            log.warning("event=status-not-asked reason=%r", "the site file names no hub")
        if policy.capacity is not None and (reason := self._uncounted()):
            log.warning("event=capacity-not-counted reason=%r", reason)

    def _uncounted(self) -> str:
        """Say what of a capacity this gate cannot count; empty when it counts who comes and who leaves."""
        if self.site.direction is Direction.UNKNOWN:
            return "the site file's direction is unknown"
        if self.site.pins.out_switch is None:
            return "one way only: wire pins.out_switch, and who leaves by this gate is counted too"
        return ""
