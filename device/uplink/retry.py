"""Retries: what becomes of a batch that was not settled, and how long to wait then. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Final

from device.errors import HubRefused

BACK_OFF_FIRST_S: Final = 1.0
BACK_OFF_MOST_S: Final = 300.0
RETRY_AFTER_MOST: Final = timedelta(minutes=15)
TURN_JITTER_S: Final = 1.0
"""On top of a turn that a hub gave: it has spread them, and hears of a gate that is late only when it comes."""
_NO_ROOM: Final = 429


class RetryAction(StrEnum):
    """What becomes of a batch that was not settled."""

    WAIT = "wait"
    """The hub cannot now: keep it and try again."""
    SHOW = "show"
    """Somebody has to put something right: keep it, show it, try again."""
    SPLIT = "split"
    """Something in it is unacceptable: send less, and park the one row it comes down to."""


_ACTIONS: Final = {
    401: RetryAction.SHOW,  # an unknown key or a bad signature; only a signed answer revokes, so: keep recording
    403: RetryAction.SHOW,  # unsigned, the same
    404: RetryAction.SHOW,  # hub.url is not the hub
    408: RetryAction.WAIT,
    409: RetryAction.SHOW,  # another contract version
    413: RetryAction.SPLIT,
    422: RetryAction.SPLIT,  # a row breaks the contract
    421: RetryAction.SHOW,  # hub.url is not one of the hub's names
    425: RetryAction.WAIT,
    429: RetryAction.WAIT,
}


def retry_action_of(status: int) -> RetryAction:
    """Return what a refusal with *status* means: the table, else 5xx waits and the rest is shown."""
    return _ACTIONS.get(status, RetryAction.WAIT if status >= 500 else RetryAction.SHOW)


class BackOff:
    """Growing pauses with full jitter.

    Args:
        chance: a number from 0 to 1, anew at each call.
    """

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._tries = 0

    def reset(self) -> None:
        """Start again from the shortest pause."""
        self._tries = 0

    def next_s(self, retry_after: timedelta | None = None) -> float:
        """Return the next pause in seconds; what the hub asked for comes first, the jitter on top."""
        # The exponent is capped, not only the product: 2.0 ** 1024 overflows after some hours offline.
        window_s = min(BACK_OFF_MOST_S, BACK_OFF_FIRST_S * 2.0 ** min(self._tries, 16))
        self._tries += 1
        return _seconds(retry_after) + self._chance() * window_s

    def after(self, error: Exception) -> float:
        """Return the pause after a batch that was not settled, in seconds.

        A hub that works and has no room (429) gives turns: then its word holds, and nothing grows. All other answers
        with a ``Retry-After`` (a hub without its database) are everybody's alike: the window grows on top.
        """
        if not isinstance(error, HubRefused):
            return self.next_s()
        if error.status == _NO_ROOM and error.retry_after:
            self.reset()
            return _seconds(error.retry_after) + self._chance() * TURN_JITTER_S
        return self.next_s(error.retry_after)


def _seconds(retry_after: timedelta | None) -> float:
    return min(max(retry_after or timedelta(), timedelta()), RETRY_AFTER_MOST).total_seconds()
