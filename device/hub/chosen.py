"""Which check-ins an operator asks for: of which gates, at which place, when."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from device.clock import utc_text
from device.hub.db.queries import Arrived, Quarantined


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is asked for; nothing said is everything.

    Attributes:
        devices: only of these gates; empty is of all.
        place: only at the place of this name, or of this id.
        from_ms: only what may have been at this time or later, Unix milliseconds.
        until_ms: only what may have been before this time.
    """

    devices: frozenset[str] = frozenset()
    place: str = ""
    from_ms: int | None = None
    until_ms: int | None = None

    def __str__(self) -> str:
        """Say it in a line, for the audit record; empty when all are asked for."""
        said = {
            "gates": ",".join(sorted(self.devices)),
            "place": self.place,
            "from": "" if self.from_ms is None else utc_text(self.from_ms),
            "until": "" if self.until_ms is None else utc_text(self.until_ms),
        }
        return " ".join(f"{name}={value}" for name, value in said.items() if value)

    def takes(self, row: Arrived | Quarantined) -> bool:
        """Return whether a row is asked for; one whose time is not sure is, when it may have been then."""
        if self.devices and row.device_id not in self.devices:
            return False
        if isinstance(row, Quarantined):
            earliest_ms = latest_ms = row.row.at.wall_ms
            name = ""
        else:
            earliest_ms, latest_ms = row.earliest_ms, row.latest_ms
            name = "" if row.place is None else row.place.name
        if self.place and not self.is_at(row.row.place_id, name):
            return False
        early = self.until_ms is None or earliest_ms < self.until_ms
        return early and (self.from_ms is None or latest_ms >= self.from_ms)

    def is_at(self, place_id: str, name: str) -> bool:
        """Return whether the place that is asked for is this one."""
        return _folded(self.place) in {_folded(name), _folded(place_id)}


EVERYTHING = Chosen()


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
