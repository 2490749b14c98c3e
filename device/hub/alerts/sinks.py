"""What a sink is, and why one did not take a message, in words."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from device.errors import AlertUntold, ConfigurationError
from device.hub.alerts.deadline import LATE
from device.hub.alerts.message import Message
from device.words import say, sentence

UNREACHABLE: Final = "unreachable"
UNTRUSTED: Final = "untrusted"
NO_TLS: Final = "no-tls"
REFUSED_LOGIN: Final = "refused-login"
REFUSED: Final = "refused"
WEB_PAGE: Final = "web-page"
NONSENSE: Final = "nonsense"
FILE: Final = "file"
STATUS: Final = "status-"
_WORDS: Final = {
    LATE: sentence("no answer in time"),
    UNREACHABLE: sentence("it cannot be reached: check its address and the network"),
    UNTRUSTED: sentence("its certificate is not trusted: check its name, or write ca_file"),
    NO_TLS: sentence("it offers no TLS: check the port"),
    REFUSED_LOGIN: sentence("it refuses user and password"),
    REFUSED: sentence("it refuses sender or receivers"),
    WEB_PAGE: sentence("a web page answers there: check its address"),
    NONSENSE: sentence("what answers there is no such server: check the port"),
    FILE: sentence("a file it needs cannot be used: gate-scanner check hub.yaml"),
}

_MEANS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (ConfigurationError, FILE),
    (ssl.SSLCertVerificationError, UNTRUSTED),
    (ssl.SSLError, NO_TLS),
    (TimeoutError, LATE),
    (ConnectionError, UNREACHABLE),  # one of them is an HTTPException too
    (http.client.HTTPException, NONSENSE),
    (OSError, UNREACHABLE),
)
"""The first that fits."""


class SinkName(StrEnum):
    """Where messages go. The words stand in the database."""

    WEBHOOK = "webhook"
    MAIL = "mail"


SINK_WORDS: Final = {SinkName.WEBHOOK: sentence("webhook"), SinkName.MAIL: sentence("mail")}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who tells.

    Attributes:
        hub: what the hub is called.
        hub_id: tells it from others.
        page: where its page of alerts is; ``None``: it has none.
    """

    hub: str
    hub_id: str
    page: str | None


class Sink(Protocol):
    """Takes messages. Used on one thread, `close` on any."""

    @property
    def name(self) -> SinkName:
        """Which one it is."""
        ...

    def tell(self, message_id: str, made_ms: int, message: Message) -> None:
        """Let a message arrive; raises `AlertUntold` when it has not, or nobody knows.

        Args:
            message_id: its name, the same however often it is told.
            made_ms: when it was made.
            message: what it tells, in the language that is spoken.
        """
        ...

    def close(self) -> None:
        """End what goes on."""
        ...


def why_untold(word: str) -> str:
    """Return in words why a sink has not taken a message; the word itself where nobody knows it here."""
    if word.startswith(STATUS):
        return say("it answers {status}", status=word.removeprefix(STATUS))
    return say(_WORDS[word]) if word in _WORDS else word


def trust_of(ca_file: Path | None) -> ssl.SSLContext:
    """Return the trust in a server; raises `AlertUntold` when its authority's file cannot be used."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError):
        raise AlertUntold(FILE) from None


def untold(error: Exception) -> AlertUntold:
    """Return what a failure of the line, of TLS or of a file means; repeats nothing of what the server said."""
    if isinstance(error, AlertUntold):
        return error
    return AlertUntold(next((word for kind, word in _MEANS if isinstance(error, kind)), NONSENSE))
