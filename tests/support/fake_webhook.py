"""A server that is not ours, on loopback: keeps what it takes by idempotency key, and answers as told."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

from tests.support.fake_server import RawServer, read_request

OK = "HTTP/1.1 204 No Content"
DROP = ""
"""Take it, and close the connection without an answer."""


class WebhookServer(RawServer):
    """Checks each signature, then asks *answer_to* (number of the request from 0, its document) what to say.

    What it says with 2xx, or loses (`DROP`), it has taken. An answer is a status line and headers.
    """

    def __init__(
        self,
        secret: str,
        answer_to: Callable[[int, dict[str, Any]], str] = lambda _n, _d: OK,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(self._talk, tls)
        self._secret = secret
        self._answer_to = answer_to
        self.requests: list[str] = []
        self.taken: dict[str, dict[str, Any]] = {}
        self.taken_one = threading.Event()
        self.repeats = 0
        self.headers: dict[str, str] = {}

    def _talk(self, connection: socket.socket) -> None:
        while request := read_request(connection):
            head, _, body = request.partition(b"\r\n\r\n")
            lines = head.decode("ascii").split("\r\n")
            self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
            signature = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
            document = json.loads(body)
            key = self.headers["idempotency-key"]
            if self.headers["gate-signature"] != f"sha256={signature}" or document["id"] != key:
                answer = "HTTP/1.1 401 Unauthorized"
            else:
                answer = self._answer_to(len(self.requests), document)
            self.requests.append(key)
            if answer == DROP or (answer.startswith("HTTP/1.1 2") and "text/html" not in answer):
                self.repeats += key in self.taken
                self.taken.setdefault(key, document)
                self.taken_one.set()
            if answer == DROP:
                return
            length = "" if " 204 " in answer else "\r\nContent-Length: 2"
            connection.sendall((answer + length + "\r\n\r\n" + ("ok" if length else "")).encode())
