"""The three pages that a hub tells of itself, from one process or from several."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from device.hub.metrics.standing import READY
from device.hub.metrics.telling import Answer

HEALTH: Final = "/healthz"
READINESS: Final = "/readyz"
METRICS: Final = "/metrics"


def pages(
    registry: CollectorRegistry, is_alive: Callable[[], bool], reason: Callable[[], str]
) -> Callable[[str], Answer | None]:
    """Return what answers the three paths.

    Args:
        registry: of the counts.
        is_alive: whether the process works at all; asks no database.
        reason: why nothing can be taken now, in a word; `READY`: it can.
    """

    def answer(path: str) -> Answer | None:
        if path == HEALTH:
            alive = is_alive()
            return Answer(b"alive\n" if alive else b"hangs\n", HTTPStatus.OK if alive else _NOT_NOW)
        if path == READINESS:
            why = reason()
            return Answer(f"{why or 'ready'}\n".encode(), HTTPStatus.OK if why == READY else _NOT_NOW)
        if path == METRICS:
            return Answer(generate_latest(registry), kind=CONTENT_TYPE_LATEST)
        return None

    return answer


_NOT_NOW: Final = HTTPStatus.SERVICE_UNAVAILABLE
