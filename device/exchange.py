"""One request out, one answer back, within one deadline.

``requests`` limits how long it waits for the next byte, not how long it waits in all, so a server
that drips one byte a second holds it for ever; it inflates what it is sent, and reads the whole body
of a redirect it does not follow. So here a request runs on a thread of its own. The caller
waits for the deadline and then cuts the line (`device.cord`), which ends the request wherever it is:
in the connection, the TLS handshake, the headers or the body. Only a name look-up cannot be cut; it is left
behind to run out, and no new request starts while `_MOST_LEFT_BEHIND` of them hang.

Used on one thread; `Exchanger.close` may be called from any.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from datetime import timedelta
from pathlib import Path
from typing import Final

import requests
import urllib3
from requests.auth import AuthBase

from device import __version__, wire
from device.clock import Clock
from device.cord import Line, pinned
from device.errors import ConfigurationError, HubNonsense, HubRefused, HubUnreachable
from device.hub_url import authority_of, checked, retry_after
from device.identity import SigningKey, signature_headers

_MOST_LEFT_BEHIND: Final = 3
_HEADERS: Final = {
    "User-Agent": f"gate-scanner/{__version__}",
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}


class Refusal(HubRefused):
    """The hub refused, and its answer has a body, which nobody has read yet.

    Attributes:
        body: JSON as it came, or empty.
    """

    def __init__(self, status: int, retry_after: timedelta | None, body: bytes) -> None:
        super().__init__(status, retry_after)
        self.body = body


class Signer(AuthBase):
    """Signs requests with a gate's key (`device.identity`).

    Args:
        device_id: what the hub calls the gate.
        key: its key.
    """

    def __init__(self, device_id: str, key: SigningKey) -> None:
        self._device_id = device_id
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the signature to a request that is otherwise complete."""
        assert isinstance(request.url, str)
        assert isinstance(request.body, bytes)
        signed = signature_headers(
            self._key,
            self._device_id,
            method=request.method or "",
            authority=authority_of(request.url),
            target=request.path_url,
            encoding=request.headers["Content-Encoding"],
            body=request.body,
        )
        request.headers.update(signed)
        return request


class Exchanger:
    """Posts JSON to a hub.

    Args:
        url: of the hub, like ``https://hub.example.vn``; ``http://`` only to this machine.
        clock: for the deadline and for dates in ``Retry-After``.
        deadline_s: for everything: look-up, connection, handshake, headers, body.
        trust: see `Line`.
        signer: signs each request; ``None`` sends it unsigned.

    Raises:
        ConfigurationError: *url* cannot be used; names the key of the YAML.
    """

    def __init__(
        self, url: str, clock: Clock, deadline_s: float, trust: ssl.SSLContext | None, signer: Signer | None = None
    ) -> None:
        self._url = checked(url)
        self._trust = trust
        self._signer = signer
        self._clock = clock
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._line: Line | None = None
        self._running: _Exchange | None = None
        self._left_behind: list[_Exchange] = []
        self._closed = False

    def post(self, path: str, body: bytes, encoding: str = "identity", deadline_s: float | None = None) -> bytes:
        """Post *body* and return the answer's body: JSON, as it came, at most `wire.RECEIPT_MOST_BYTES`.

        Args:
            path: under the hub's URL.
            body: as it is sent.
            encoding: the Content-Encoding of *body*.
            deadline_s: for this request alone; ``None`` is that of all.

        Raises:
            HubUnreachable: no answer, or none within the deadline, or `close` was called.
            Refusal: the hub answered with an error status.
            HubNonsense: what answered is not the hub.
        """
        deadline_s = self._deadline_s if deadline_s is None else deadline_s
        request = requests.Request("POST", self._url + path, {"Content-Encoding": encoding}, data=body)
        exchange = self._begin(request, deadline_s)
        finished = self._clock.wait(exchange.done, deadline_s)
        with self._lock:
            self._running = None
            if exchange.failure is not None or not finished:
                self._line = None
        if not finished:
            exchange.line.cut()
            self._left_behind.append(exchange)
        if exchange.line.was_cut:
            raise HubUnreachable("the uplink was closed" if finished else f"no answer within {deadline_s:g} s")
        if exchange.failure is not None:
            raise exchange.failure
        return exchange.answer

    def close(self) -> None:
        """End a running request now; every later one is refused. Any thread, any number of times."""
        with self._lock:
            self._closed = True
            line, running = self._line, self._running
            self._line = None
        if line is not None:
            line.cut()
        if running is not None:
            running.done.set()

    def _begin(self, request: requests.Request, deadline_s: float) -> _Exchange:
        self._left_behind = [exchange for exchange in self._left_behind if exchange.is_alive()]
        if len(self._left_behind) >= _MOST_LEFT_BEHIND:
            raise HubUnreachable("earlier requests still hang, most likely in looking up the hub's name")
        request.auth = self._signer
        with self._lock:
            if self._closed:
                raise HubUnreachable("the uplink was closed")
            self._line = self._line or Line(_HEADERS, self._trust)
            self._running = exchange = _Exchange(self._line, request, self._clock, deadline_s)
        exchange.start()
        return exchange


class _Exchange(threading.Thread):
    """One request and its answer, on a thread that may be left behind."""

    def __init__(self, line: Line, request: requests.Request, clock: Clock, silence_s: float) -> None:
        super().__init__(name="uplink", daemon=True)
        line.begin()
        self.line = line
        self.done = threading.Event()
        self.answer = b""
        self.failure: Exception | None = None
        self._request = request
        self._clock = clock
        self._silence_s = silence_s

    def run(self) -> None:
        """Never raises; whatever happens stands in `answer` or `failure`, and then `done` is set."""
        try:
            self.answer = self._exchange()
        except Exception as error:  # noqa: BLE001 - carried to the thread that waits for it
            self.failure = error
        self.line.end(sound=self.failure is None)
        self.done.set()

    def _exchange(self) -> bytes:
        try:
            session = self.line.session
            request = session.prepare_request(self._request)
            with session.send(request, timeout=self._silence_s, stream=True, allow_redirects=False) as response:
                return self._answer(response)
        except requests.exceptions.SSLError:
            raise HubNonsense(
                "the certificate of what answered is not trusted: check hub.url, hub.ca_file and the clock"
            ) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
            raise HubUnreachable(_plain(error)) from None
        except (OSError, ValueError) as error:
            raise HubUnreachable(_plain(error)) from None

    def _answer(self, response: requests.Response) -> bytes:
        status = response.status_code
        if status >= 400:
            wait = self._retry_after(response.headers.get("Retry-After"))
            raise Refusal(status, wait, self._statement(response) if status == http.client.FORBIDDEN else b"")
        if status != 200:
            raise HubNonsense(f"answered {status}; the hub answers 200 (check hub.url, or a captive portal)")
        return self._read(response)

    def _read(self, response: requests.Response) -> bytes:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise HubNonsense("the answer is not JSON (a captive portal, or hub.url is not the hub)")
        if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise HubNonsense("the answer is compressed, which was not asked for")
        body = b""
        # Read without decoding: an answer is never inflated. Read to the end: only there is one cut short found out.
        while piece := response.raw.read(wire.RECEIPT_MOST_BYTES + 1 - len(body), decode_content=False):
            body += piece
            if len(body) > wire.RECEIPT_MOST_BYTES:
                raise HubNonsense(f"the answer is larger than {wire.RECEIPT_MOST_BYTES} bytes")
        return body

    def _statement(self, response: requests.Response) -> bytes:
        """Read what a 403 says; a portal's page says nothing."""
        try:
            return self._read(response)
        except HubNonsense:
            return b""

    def _retry_after(self, text: str | None) -> timedelta | None:
        return retry_after(text, self._clock.reading().wall_ms)


def certificates(path: Path) -> ssl.SSLContext:
    """Trust the certificates in the file of ``hub.ca_file``; raises `ConfigurationError`."""
    if not path.is_file():
        raise ConfigurationError(f"hub.ca_file: there is no file {path}")
    try:
        return pinned(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError, text that is not ASCII a ValueError
        raise ConfigurationError(f"hub.ca_file: {path} holds no certificates in PEM") from error


def _plain(error: Exception) -> str:
    """Say what happened by the kind of the innermost error; its text may hold what the server sent."""
    cause: BaseException = error
    for _ in range(8):
        cause = _inner(cause) or cause
    if isinstance(cause, socket.gaierror):
        return "the hub's name is not known here (no network, or check hub.url)"
    return f"no answer ({type(cause).__name__})"


def _inner(error: BaseException) -> BaseException | None:
    for candidate in (getattr(error, "reason", None), *error.args):
        if isinstance(candidate, BaseException):
            return candidate
    return error.__cause__ or error.__context__
