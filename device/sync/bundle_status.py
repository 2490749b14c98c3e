"""Bundle status: which version of each kind is in force, how old it is, and what was refused."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from device.clock import ClockReading, ClockState, utc_text
from device.wire.bundle import BundleKind, Head

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _State:
    """How it stands with one kind."""

    head: Head | None = None
    refused: str | None = None
    warned: bool = False


class BundleStatus:
    """Changed on the thread of `device.sync.refresh`; `told` may be called on any.

    Args:
        kinds: all there can be.
    """

    def __init__(self, kinds: Iterable[BundleKind]) -> None:
        self._states = {kind: _State() for kind in kinds}

    def head(self, kind: BundleKind) -> Head | None:
        """Return what is in force; ``None`` for nothing."""
        return self._states[kind].head

    def taken(self, head: Head) -> None:
        """Note that this one is in force, and nothing newer is refused."""
        state = self._states[head.kind]
        if state.head != head:
            state.head, state.warned = head, False
        state.refused = None

    def dropped(self, kind: BundleKind) -> None:
        """Note that nothing is in force any more."""
        self._states[kind] = _State()

    def refuse(self, kind: BundleKind, reason: str) -> None:
        """Note why a bundle was not taken; a line in the log only when the reason is another."""
        state = self._states[kind]
        if state.refused != reason:
            log.error("event=bundle-refused kind=%s reason=%r", kind, reason)
        state.refused = reason

    def warn_of_old(self, at: ClockReading) -> None:
        """Warn once of each one that is out of date, by a clock that can be trusted."""
        for kind, state in self._states.items():
            if state.head is None or state.warned or at.state is not ClockState.SYNCHRONISED:
                continue
            if at.wall_ms > state.head.valid_until_ms:
                state.warned = True
                until = utc_text(state.head.valid_until_ms)
                log.warning("event=bundle-old kind=%s until=%s", kind, until)

    def told(self, kind: BundleKind, now_ms: int) -> Mapping[str, object]:
        """Return what a person may ask about one kind at this wall time."""
        state = self._states[kind]
        head = state.head
        if head is None:
            return {"kind": kind.value, "version": None, "refused": state.refused}
        return {
            "kind": kind.value,
            "version": head.version,
            "made": utc_text(head.made_ms),
            "age_s": max(0, (now_ms - head.made_ms) // 1000),
            "valid_until": utc_text(head.valid_until_ms),
            "old": state.warned,
            "refused": state.refused,
        }
