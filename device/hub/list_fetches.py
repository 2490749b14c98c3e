"""Fetches of people lists by each gate: a stolen card's key fetches them too, so one that comes out of turn is told.

A gate holds a list in memory, so it fetches a version once after each start, and no more. Who fetches the same version
whole more than `MOST_A_DAY` times within a day, or from more than `MOST_NETWORKS` addresses, is no gate that works as
it should: its service starts again and again, or somebody else has its key. A download that broke off does not count,
so a bad line raises nothing. Counted in memory: a hub that was started anew begins again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Final

from device.clock import Clock
from device.hub.api.rate_limit import network_of
from device.wire.bundle import BundleKind

MOST_A_DAY: Final = 12
MOST_NETWORKS: Final = 2
"""A line, and the one beside it that a router changes to."""
_DAY_S: Final = 86_400.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Fetched:
    """How a gate fetched one version since it first did, for a day at most."""

    version: int
    since_s: float
    times: int = 0
    networks: set[str] = field(default_factory=set)
    told: bool = False


class ListFetches:
    """Counts of every gate and kind of list: two small records a gate. Used on the server's one thread.

    Args:
        clock: for the day.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._fetched: dict[tuple[str, BundleKind], _Fetched] = {}

    def is_out_of_turn(self, device_id: str, kind: BundleKind, version: int, address: str) -> bool:
        """Count a list that a gate has got whole; return, once a day and version, whether that was out of turn."""
        now_s = self._clock.monotonic_s()
        found = self._fetched.get((device_id, kind))
        if found is None or found.version != version or now_s - found.since_s >= _DAY_S:
            found = self._fetched[device_id, kind] = _Fetched(version, now_s)
        found.times += 1
        found.networks.add(network_of(address))
        if not found.told:
            log.info("event=list-fetched device=%s kind=%s version=%d times=%d", device_id, kind, version, found.times)
        if found.told or (found.times <= MOST_A_DAY and len(found.networks) <= MOST_NETWORKS):
            return False
        found.told = True
        log.error(
            "event=list-fetched-out-of-turn device=%s kind=%s version=%d times=%d networks=%r",
            device_id,
            kind,
            version,
            found.times,
            sorted(found.networks),
        )
        return True
