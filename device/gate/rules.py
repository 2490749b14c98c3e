"""The rules in force at a gate: policy, people lists, the site's own cues and whom to ask; changed while it runs."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from device.gate.status_lookup import StatusLookup
from device.model import Cue, Reason
from device.policy import NO_LISTS, Lists, Policy
from device.policy.lists import Listing


@dataclass(frozen=True, slots=True)
class Rules:
    """What one visitor is judged by.

    Attributes:
        policy: the dated rules of the place.
        lists: the people lists of this moment.
        cues: what the site shows for a reason, where it is not the table's.
        lookup: asks the centre about visitors; ``None`` without a hub.
    """

    policy: Policy
    lists: Lists = NO_LISTS
    cues: Mapping[Reason, Cue] = field(default_factory=lambda: MappingProxyType({}))
    lookup: StatusLookup | None = None


class RulesInForce:
    """The rules of this moment. Any thread.

    They are changed by one assignment: who reads `now` once sees one set of rules, whatever comes meanwhile.

    Args:
        rules: the first ones.
    """

    def __init__(self, rules: Rules) -> None:
        self._now = rules
        self._changing = threading.Lock()

    @property
    def now(self) -> Rules:
        """The rules of this moment; read once for each visitor."""
        return self._now

    def adopt(self, policy: Policy) -> None:
        """Put a policy into force."""
        with self._changing:
            self._now = replace(self._now, policy=policy)

    def watch(self, people: Listing | None) -> None:
        """Put a watch list into force; ``None``: there is none."""
        with self._changing:
            self._now = replace(self._now, lists=replace(self._now.lists, watch=people))

    def expect(self, people: Listing | None) -> None:
        """Put a roster into force; ``None``: there is none."""
        with self._changing:
            self._now = replace(self._now, lists=replace(self._now.lists, roster=people))
