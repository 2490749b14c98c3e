"""Limit of concurrent batches and downloads: 429 with ``Retry-After`` when thousands of gates come at one instant."""

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
    """A number of requests at a time. Used on the server's one thread.

    Attributes:
        most: requests at a time; who comes on top is answered 429.
        active: batches that are being taken, or downloads that are being sent.
    """

    most: int
    active: int = 0


async def limit_batches(request: Request) -> AsyncIterator[None]:
    """Refuse a batch that is one too many, before a signature is checked or a byte of the body is read.

    Raises `HTTPException` 429; the gates wait as it says, each with jitter of its own.
    """
    limit: ConcurrencyLimit = request.app.state.batch_limit
    if limit.active >= limit.most:
        raise HTTPException(429, "too many gates at once", {"Retry-After": str(_COME_AGAIN_S)})
    limit.active += 1
    try:
        yield
    finally:
        limit.active -= 1
