"""Link status: how the gate stands with the centre, as the lamps and `gate-scanner status` show it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class LinkState(StrEnum):
    """How the gate stands with the centre."""

    UNTRIED = "untried"
    """Nothing was sent since the start."""
    ONLINE = "online"
    """The last batch was settled."""
    OFFLINE = "offline"
    """It does not get through now; that passes without a person."""
    REFUSED = "refused"
    """The hub does not take what this gate sends; somebody has to look. Recording goes on."""
    REVOKED = "revoked"
    """The hub's root has withdrawn this gate's key: nothing is sent any more."""


@dataclass(frozen=True, slots=True)
class LinkReading:
    """One look at the link.

    Attributes:
        state: how it stands.
        since_ms: monotonic time at which this state began.
        error: what went wrong last, as a slug (``unreachable``, ``nonsense``, ``status-503``,
            ``behind``, ``ledger``); ``None`` while all is well.
        settled_ms: monotonic time of the last receipt; ``None`` when there was none since the start.
    """

    state: LinkState
    since_ms: int
    error: str | None = None
    settled_ms: int | None = None


class LinkStatus:
    """The link of one gate: written by the delivery, on its thread; read on any.

    Args:
        now_ms: the monotonic time of its beginning.
    """

    def __init__(self, now_ms: int) -> None:
        self._now = LinkReading(LinkState.UNTRIED, now_ms)

    @property
    def now(self) -> LinkReading:
        """How it stands; what belongs together is read in one."""
        return self._now

    @property
    def is_down(self) -> bool:
        """Whether check-ins wait for a centre that does not take them: the lamps say OFFLINE at rest."""
        return self._now.state in {LinkState.OFFLINE, LinkState.REFUSED}

    def become(self, state: LinkState, now_ms: int, error: str | None = None) -> bool:
        """Change it; return whether the state is another than before. The time of a state is that of its beginning."""
        former = self._now
        changed = former.state is not state
        self._now = replace(former, state=state, since_ms=now_ms if changed else former.since_ms, error=error)
        return changed

    def settled(self, now_ms: int) -> None:
        """Note the time of a receipt."""
        self._now = replace(self._now, settled_ms=now_ms)
