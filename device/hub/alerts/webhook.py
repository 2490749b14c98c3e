"""Messages as signed JSON, posted to a server that is not ours, as a gate's check-ins are (config/webhook.md).

::

    POST /alerts
    Content-Type: application/json
    Idempotency-Key: HUB/NUMBER/MADE
    Gate-Signature: sha256=HEX OF HMAC-SHA256 OF THE BODY, KEYED WITH THE SECRET

    {"id": as above, "hub": …, "kind": "alert" | "digest" | "test", "made": …, "text": …, "page": …,
     "counts": {RULE: {"began": N, "ended": N}}, "provinces": [{"name", "count"}], "places": [{"name", "count"}],
     "alerts": [{"what", "rule", "subject", "name", "place", "province", "since", "at", "detail"}], "left_out": N}

2xx without a web page, or 409 (it had it already), is taken. Anything else is tried again, Retry-After in seconds is
heeded; no redirect is followed.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from device import __version__
from device.clock import utc_text
from device.crypto.body_signature import signed
from device.errors import AlertUntold
from device.hub.alerts.deadline import Visit, Visitor
from device.hub.alerts.message import Event, Message
from device.hub.alerts.sinks import STATUS, WEB_PAGE, Sender, SinkName, trust_of, untold
from device.hub.alerts.wording import subject_of
from device.hub.settings.secret_file import signing_secret

_MOST_ANSWER: Final = 64 * 1024
_MOST_WAIT_S: Final = 900
_WEB_PAGES: Final = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """Where messages are posted.

    Attributes:
        url: as the settings have it: https, or http to this same machine.
        secret_file: holds what signs them.
        ca_file: the certificates to trust instead of the usual ones.
        deadline_s: for one request, everything in it.
    """

    url: str
    secret_file: Path
    ca_file: Path | None = None
    deadline_s: float = 10.0


class WebhookSink:
    """A `device.hub.alerts.sinks.Sink`.

    Args:
        address: where.
        sender: who tells.
        visitor: visits the server.
    """

    name = SinkName.WEBHOOK

    def __init__(self, address: WebhookAddress, sender: Sender, visitor: Visitor) -> None:
        self._address = address
        self._sender = sender
        self._visitor = visitor

    def tell(self, message_id: str, made_ms: int, message: Message) -> None:
        """Post it; raises `AlertUntold`."""
        body = encoded(message_id, made_ms, message, self._sender)
        try:
            headers = signed(signing_secret(self._address.secret_file), message_id, body)
            self._visitor.visit(lambda visit: self._post(visit, body, headers), self._address.deadline_s)
        except Exception as error:  # noqa: BLE001 - http.client has many, and their texts hold what the server said
            raise untold(error) from None

    def close(self) -> None:
        """End a request that goes on."""
        self._visitor.close()

    def _post(self, visit: Visit, body: bytes, headers: Mapping[str, str]) -> None:
        parts = urlsplit(self._address.url)
        is_tls, host = parts.scheme == "https", parts.hostname or ""
        port = parts.port or (443 if is_tls else 80)
        line = http.client.HTTPConnection(host, port, timeout=self._address.deadline_s)
        trust = trust_of(self._address.ca_file) if is_tls else None
        line.sock = visit.connected(host, port, self._address.deadline_s)
        try:
            if trust is not None:
                line.sock = trust.wrap_socket(line.sock, server_hostname=host)
                line.default_port = 443
            usual = {"Content-Type": "application/json", "User-Agent": f"gate-hub/{__version__}"}
            line.request("POST", parts.path or "/", body, {**usual, **headers})
            answer = line.getresponse()
            answer.read(_MOST_ANSWER)
            _judge(answer)
        finally:
            line.close()


def _judge(answer: http.client.HTTPResponse) -> None:
    """Raise `AlertUntold` where an answer does not mean that the message was taken."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if answer.status == HTTPStatus.CONFLICT:
        return
    if 200 <= answer.status < 300:
        if kind in _WEB_PAGES:
            raise AlertUntold(WEB_PAGE)
        return
    asked = answer.headers.get("Retry-After", "").strip()
    wait_s = int(asked) if re.fullmatch("[0-9]{1,6}", asked, re.ASCII) else 0
    raise AlertUntold(f"{STATUS}{answer.status}", min(wait_s, _MOST_WAIT_S))


def encoded(message_id: str, made_ms: int, message: Message, sender: Sender) -> bytes:
    """Write a message as JSON in UTF-8."""
    document = {
        "id": message_id,
        "hub": sender.hub,
        "kind": message.kind,
        "made": utc_text(made_ms),
        "text": subject_of(message, sender.hub),
        "page": sender.page,
        "counts": {rule: {"began": began, "ended": ended} for rule, (began, ended) in message.counts.items()},
        "provinces": [{"name": name, "count": count} for name, count in message.provinces.items()],
        "places": [{"name": name, "count": count} for name, count in message.places.items()],
        "alerts": [*map(_event, message.events)],
        "left_out": message.left_out,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _event(event: Event) -> Mapping[str, str]:
    return {
        "what": event.what,
        "rule": event.rule,
        "subject": event.subject,
        "name": event.name,
        "place": event.place,
        "province": event.province,
        "since": utc_text(event.since_ms),
        "at": utc_text(event.at_ms),
        "detail": event.detail,
    }
