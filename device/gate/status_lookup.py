"""Status lookup: asking the centre about a visitor without ever making one wait for it longer than the policy says.

Four things stand between a visitor and the question, each of which ends in "not asked":

* an answer that is young enough is used again for a code with the same numbers; answers lie in memory only, under
  a keyed hash made at start;
* at most `MOST_A_MINUTE` questions are asked in any minute, whoever shows whatever: anybody can print a code;
* a link that failed is left alone for a while, longer each time (`FIRST_PAUSE_S` to `MOST_PAUSE_S`), so that
  not every visitor waits for a deadline that will pass. An answer that was late once is no failure: over a far line the
  first question takes as long as opening the line, and the next one finds it open;
* the deadline itself, of the source.

Nothing here logs or raises anything about a person.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from device.clock import Clock
from device.credential import keys_of
from device.errors import HubLate, HubRefused, UplinkError
from device.model import Credential, Status
from device.policy.rules import StatusRules
from device.ports import StatusSource

MOST_A_MINUTE: Final = 30
"""A person each two seconds: who comes every 2.5 s is asked about, always."""
KEEP_MS: Final = 60_000
"""How long an answer is used again: somebody sent away to declare is asked about anew on coming back."""
FIRST_PAUSE_S: Final = 30.0
MOST_PAUSE_S: Final = 300.0
_MINUTE_MS: Final = 60_000
_DIGEST_BYTES: Final = 16

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    status: Status
    at_ms: int


class StatusLookup:
    """Asks one question at a time, or none. Used on the scan thread.

    Args:
        source: where the centre is asked.
        clock: for ages, pauses and the minute.
    """

    def __init__(self, source: StatusSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._kept: dict[bytes, _Kept] = {}
        self._asked_ms: deque[int] = deque(maxlen=MOST_A_MINUTE)
        self._closed_until_ms = -(10**9)
        self._pause_s = FIRST_PAUSE_S
        self._late = False

    def __len__(self) -> int:
        """Count the answers kept."""
        return len(self._kept)

    def ask(self, credential: Credential, rules: StatusRules) -> Status | None:
        """Return what the centre says, or said a moment ago; ``None`` when it was not asked or did not answer."""
        now_ms = self._now_ms()
        self._forget(now_ms)
        keys = keys_of(credential)
        if not keys:
            return None
        digest = self._digest(keys)
        if (kept := self._kept.get(digest)) is not None:
            return replace(kept.status, age_ms=max(1, now_ms - kept.at_ms))
        if now_ms < self._closed_until_ms or self._too_many(now_ms):
            return None
        self._asked_ms.append(now_ms)
        try:
            status = self._source.ask(keys, rules.deadline_ms)
        except HubLate as error:
            if self._late:
                self._leave_alone(error)
            self._late = not self._late
            return None
        except Exception as error:  # noqa: BLE001 - whatever breaks here must not end the gate, nor keep anybody out
            self._leave_alone(error)
            return None
        self._pause_s, self._late = FIRST_PAUSE_S, False
        answered_ms = self._now_ms()
        self._kept[digest] = _Kept(status, answered_ms)
        return status

    def _too_many(self, now_ms: int) -> bool:
        return len(self._asked_ms) == MOST_A_MINUTE and now_ms - self._asked_ms[0] < _MINUTE_MS

    def _leave_alone(self, error: Exception) -> None:
        asked_s = 0.0
        if isinstance(error, HubRefused) and error.retry_after is not None:
            asked_s = error.retry_after.total_seconds()
        pause_s = min(max(self._pause_s, asked_s), MOST_PAUSE_S)
        self._pause_s = min(self._pause_s * 2, MOST_PAUSE_S)
        self._closed_until_ms = self._now_ms() + round(pause_s * 1000)
        reason = str(error) if isinstance(error, UplinkError) else f"a defect ({type(error).__name__})"
        log.warning("event=status-not-asked for_s=%d reason=%r", pause_s, reason)

    def _forget(self, now_ms: int) -> None:
        """Drop answers that are too old; they lie in the order in which they came."""
        while self._kept:
            oldest = next(iter(self._kept))
            if now_ms - self._kept[oldest].at_ms < KEEP_MS:
                return
            del self._kept[oldest]

    def _digest(self, keys: tuple[str, ...]) -> bytes:
        """Return what stands for these very numbers: a code made of two people's speaks for neither of them."""
        return hashlib.blake2b(" ".join(keys).encode(), key=self._key, digest_size=_DIGEST_BYTES).digest()

    def _now_ms(self) -> int:
        return self._clock.monotonic_ms()
