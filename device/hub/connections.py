"""Limits of the hub's connections: how many one address or gate holds, and how long each may take for what it does.

Nobody has proved anything while a connection is opened, so it counts for its address (IPv6: its /64). With the first
request that a gate has signed it counts for that gate, and leaves the address free: hundreds of gates may share one
address (a school's or an operator's NAT), while one that only opens connections keeps to its share. Where there are too
many, the *oldest* that is idle or unfinished goes, of whoever holds most; the newcomer is let in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from device.clock import SystemClock
from device.hub.paced_log import PacedLog
from device.hub.shares import MOST_OF_STRANGERS, Shares

_FEW: Final = 8
"""How many of the largest holders are looked at for room; all of their connections would have to be at work."""


MOST_ADDRESS_CONNECTIONS: Final = 1_024
"""More than all addresses together may have is no limit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one may hold, and how long.

    Attributes:
        an_address: connections of an address that are no gate's (yet). All gates behind one NAT come at once when its
            power does: each needs one of these for a handshake, so this is more than a venue has gates.
        strangers: those of all addresses together; each costs about 70 kB.
        a_gate: connections of one gate; it uses four.
        in_all: of everybody; never more than file descriptors allow (`device.hub.serve`).
        head_s: from the connection, or the first byte on an idle one, to the end of a request's head; TLS included.
        body_s: from there to the end of its body; bytes that come do not extend it.
        answer_s: from there to the end of the answer; a bundle on a thin line takes minutes.
        unread_s: how long a full buffer may wait for somebody who does not read.
        idle_s: how long a connection is kept for the next request.
        closing_s: how long the other side may take to take the end of an answer before a closed connection is cut.
    """

    an_address: int = 256
    strangers: int = MOST_ADDRESS_CONNECTIONS
    a_gate: int = 8
    in_all: int = 8_192
    head_s: float = 10.0
    body_s: float = 60.0
    answer_s: float = 900.0
    unread_s: float = 60.0
    idle_s: float = 75.0
    closing_s: float = 10.0


class Phase(Enum):
    """What a connection is doing; the value names, in the log, what took too long."""

    HEAD = "no-request"
    BODY = "no-end-of-body"
    ANSWER = "no-end-of-answer"
    IDLE = "idle"
    CLOSING = "no-end-of-closing"


class Connection:
    """One connection, from its acceptance to its end. Used on the server's one thread.

    Attributes:
        holder: who it counts for: an address, or a gate.
        is_gate: whether a gate has proved itself on it.
        phase: what it is doing.
    """

    def __init__(self, table: ConnectionTable, address: str) -> None:
        self.holder = address
        self.is_gate = False
        self.phase = Phase.HEAD
        self._table = table
        self._end: Callable[[], object] | None = None
        self._close: Callable[[], object] | None = None
        self._over = False
        self._spent_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    @property
    def is_at_work(self) -> bool:
        """Whether it is being answered, and the answer is taken."""
        return self.phase is Phase.ANSWER and self._unread is None

    def spend(self, seconds: float) -> None:
        """Count work that was done for it, for who holds it (`device.hub.shares`)."""
        if not self.is_gate:
            self._spent_s += seconds
        self._table.shares[self.is_gate].spend(self.holder, seconds)

    def wait_s(self) -> float:
        """Return how long it is to wait before more is done for it."""
        return self._table.shares[self.is_gate].wait_s(self.holder)

    def ends_by(self, end: Callable[[], object], close: Callable[[], object] | None = None) -> None:
        """Take over how it is cut at once, and how it is closed when what was sent is taken."""
        self._end, self._close = end, close

    def enter(self, phase: Phase) -> None:
        """Begin *phase*; its deadline runs from now."""
        if self._over:
            return
        self.phase = phase
        if self._timer is not None:
            self._timer.cancel()
        limit_s = self._table.limit_s(phase)
        self._timer = asyncio.get_running_loop().call_later(limit_s, self.cut, f"{phase.value}-within-{limit_s:g}s")
        if phase is Phase.IDLE:
            self._table.renew(self)

    def unread(self, *, since_now: bool) -> None:
        """Note that the other side has stopped taking what is sent, or goes on."""
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        if since_now:
            limit_s = self._table.limits.unread_s
            self._unread = asyncio.get_running_loop().call_later(limit_s, self.cut, f"answer-unread-for-{limit_s:g}s")

    def proved(self, device_id: str) -> None:
        """Count it for a gate that has signed a request on it."""
        holder = f"gate {device_id}"
        if self.holder != holder and not self._over:
            self._table.leave(self)
            self.spend(-self._spent_s)
            self.holder, self.is_gate = holder, True
            self._table.enter(self)

    def cut(self, reason: str, *, at_once: bool = False) -> None:
        """End it, and count why; that an idle one was kept long enough is no news."""
        if self.phase is Phase.IDLE and self._close is not None and not at_once:
            self.enter(Phase.CLOSING)
            self._close()
            return
        self._table.log.note(reason)
        self.ended()  # it counts no longer, whenever its end is heard of
        if self._end is not None:
            self._end()

    def ended(self) -> None:
        """Forget it; any number of times."""
        for timer in (self._timer, self._unread):
            if timer is not None:
                timer.cancel()
        self._timer = self._unread = None
        self._over = True
        self._table.leave(self)


class ConnectionTable:
    """Every connection there is, by who holds it. Used on the server's one thread.

    Args:
        limits: of them.
        log: told, as a number, which were cut.

    Attributes:
        shares: of strangers, and of gates.
    """

    def __init__(self, limits: Limits, log: PacedLog) -> None:
        self.limits = limits
        self.log = log
        self.shares = Shares(SystemClock(), MOST_OF_STRANGERS), Shares(SystemClock())
        self._held: dict[str, dict[Connection, None]] = {}
        self._strangers = self._all = 0

    def __len__(self) -> int:
        """Count them."""
        return self._all

    def held_by(self, holder: str) -> int:
        """Count those of an address, or of ``gate ID``."""
        return len(self._held.get(holder, ()))

    def limit_s(self, phase: Phase) -> float:
        """Return how long *phase* may take."""
        by_phase: dict[Phase, float] = {
            Phase.HEAD: self.limits.head_s,
            Phase.BODY: self.limits.body_s,
            Phase.ANSWER: self.limits.answer_s,
            Phase.IDLE: self.limits.idle_s,
            Phase.CLOSING: self.limits.closing_s,
        }
        return by_phase[phase]

    def enter(self, connection: Connection) -> None:
        """Take a connection in; older ones that are too many for its holder, or for all, are cut."""
        holder = connection.holder
        most = self.limits.a_gate if connection.is_gate else self.limits.an_address
        if self.held_by(holder) >= most:
            self._make_room(holder, "too-many-of-a-gate" if connection.is_gate else "too-many-of-an-address")
        if not connection.is_gate and self._strangers >= self.limits.strangers:
            self.make_room(gates_too=False)
        if self._all >= self.limits.in_all:
            self.make_room()
        self._held.setdefault(holder, {})[connection] = None
        self._all += 1
        self._strangers += not connection.is_gate

    def leave(self, connection: Connection) -> None:
        """Forget one; any number of times."""
        mine = self._held.get(connection.holder, {})
        if connection in mine:
            del mine[connection]
            self._all -= 1
            self._strangers -= not connection.is_gate
            if not mine:
                del self._held[connection.holder]

    def renew(self, connection: Connection) -> None:
        """Make it the youngest of its holder: it has just been of use."""
        mine = self._held.get(connection.holder, {})
        if connection in mine:
            del mine[connection]
            mine[connection] = None

    def make_room(self, *, gates_too: bool = True) -> None:
        """Cut the oldest of whoever holds most; strangers before gates."""
        for are_gates in (False, True)[: 1 + gates_too]:
            holders = [name for name, held in self._held.items() if next(iter(held)).is_gate is are_gates]
            for holder in sorted(holders, key=self.held_by, reverse=True)[:_FEW]:
                if self._make_room(holder, "too-many-in-all"):
                    return

    def _make_room(self, holder: str, reason: str) -> bool:
        """Cut the oldest of *holder* that nobody is at work for; return whether there was one."""
        for connection in self._held.get(holder, ()):
            if not connection.is_at_work:
                connection.cut(reason, at_once=True)
                return True
        return False
