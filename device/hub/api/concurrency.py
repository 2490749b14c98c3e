"""So many batches at a time: when thousands of gates come back at one instant, the rest is told to come again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from fastapi import HTTPException, Request

MOST_AT_ONCE: Final = 32
"""SQLite writes one batch after the other, about 15 ms each: the last of these is answered after half a second."""
_COME_AGAIN_S: Final = 5


@dataclass(slots=True)
class ConcurrencyLimit:
    """Counts who is inside. Used on the server's one thread.

    Attributes:
        most: who comes on top is sent away.
        inside: batches that are being taken, or downloads that are being sent.
    """

    most: int
    inside: int = 0


async def let_in(request: Request) -> AsyncIterator[None]:
    """Send away whom there is no room for, before a signature is checked or a byte of the body is read.

    Raises `HTTPException` 429; the gates wait as it says, each with jitter of its own.
    """
    turnstile: ConcurrencyLimit = request.app.state.turnstile
    if turnstile.inside >= turnstile.most:
        raise HTTPException(429, "too many gates at once", {"Retry-After": str(_COME_AGAIN_S)})
    turnstile.inside += 1
    try:
        yield
    finally:
        turnstile.inside -= 1
