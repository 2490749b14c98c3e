"""Telling the centre: one batch out, one receipt back, within one deadline.

``requests`` limits how long it waits for the next byte, not how long it waits in all, so a server
that drips one byte a second holds it for ever; it inflates what it is sent, and reads the whole body
of a redirect it does not follow. So here a request runs on a thread of its own. The caller
waits for the deadline and then cuts the line (`device.cord`), which ends the request wherever it is:
in the connection, the TLS handshake, the headers or the body. Only a name look-up cannot be cut; it is left
behind to run out, and no new request starts while `_MOST_LEFT_BEHIND` of them hang.

Used on the sync thread; `RequestsUplink.close` may be called from any thread.
"""

from __future__ import annotations

import email.utils
import http.client
import ipaddress
import re
import socket
import threading
import zlib
from datetime import UTC, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import requests
import urllib3

from device import __version__, wire
from device.clock import Clock
from device.cord import Line
from device.enrolment import Secret
from device.errors import ConfigurationError, HubNonsense, HubRefused, HubUnreachable, WireError
from device.fates import RETRY_AFTER_MOST
from device.model import Batch, Receipt

_MOST_LEFT_BEHIND: Final = 3


class RequestsUplink:
    """The uplink over HTTPS.

    Args:
        url: of the hub, like ``https://hub.example.vn``; ``http://`` only to this machine.
        token: what the hub knows this gate by.
        clock: for the deadline and for dates in ``Retry-After``.
        deadline_s: for everything: look-up, connection, handshake, headers, body.
        ca_file: the certificates to trust instead of the usual ones.

    Raises:
        ConfigurationError: *url* or *ca_file* cannot be used; names the key of the YAML.
    """

    def __init__(
        self, url: str, token: Secret, clock: Clock, *, deadline_s: float = 20.0, ca_file: Path | None = None
    ) -> None:
        self._url = _checked(url) + "/v1/checkins"
        if ca_file is not None and not ca_file.is_file():
            raise ConfigurationError(f"hub.ca_file: there is no file {ca_file}")
        self._headers = {
            "Authorization": f"Bearer {token.reveal()}",
            "User-Agent": f"gate-scanner/{__version__}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        self._verify = True if ca_file is None else str(ca_file)
        self._clock = clock
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._line: Line | None = None
        self._running: _Exchange | None = None
        self._left_behind: list[_Exchange] = []
        self._closed = False

    def deliver(self, batch: Batch) -> Receipt:
        """Send one batch and return the centre's receipt.

        Raises:
            HubUnreachable: no answer, or none within the deadline, or the uplink was closed.
            HubRefused: the hub answered with an error status.
            HubNonsense: what answered is not the hub, or settles rows that were never sent.
        """
        answer = self._request(compressed(wire.encode_batch(batch)))
        try:
            receipt = wire.decode_receipt(answer)
            wire.check_receipt(batch, receipt)
        except WireError as error:
            raise HubNonsense(f"the answer is no receipt: {error}") from error
        return receipt

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

    def _request(self, body: bytes) -> bytes:
        exchange = self._begin(body)
        finished = self._clock.wait(exchange.done, self._deadline_s)
        with self._lock:
            self._running = None
            if exchange.failure is not None or not finished:
                self._line = None
        if not finished:
            exchange.line.cut()
            self._left_behind.append(exchange)
        if exchange.line.was_cut:
            raise HubUnreachable("the uplink was closed" if finished else f"no answer within {self._deadline_s:g} s")
        if exchange.failure is not None:
            raise exchange.failure
        return exchange.answer

    def _begin(self, body: bytes) -> _Exchange:
        self._left_behind = [exchange for exchange in self._left_behind if exchange.is_alive()]
        if len(self._left_behind) >= _MOST_LEFT_BEHIND:
            raise HubUnreachable("earlier requests still hang, most likely in looking up the hub's name")
        with self._lock:
            if self._closed:
                raise HubUnreachable("the uplink was closed")
            self._line = self._line or Line(self._headers, self._verify)
            self._running = exchange = _Exchange(self._line, self._url, body, self._clock, self._deadline_s)
        exchange.start()
        return exchange


class _Exchange(threading.Thread):
    """One request and its answer, on a thread that may be left behind."""

    def __init__(self, line: Line, url: str, body: bytes, clock: Clock, silence_s: float) -> None:
        super().__init__(name="uplink", daemon=True)
        line.begin()
        self.line = line
        self.done = threading.Event()
        self.answer = b""
        self.failure: Exception | None = None
        self._url = url
        self._body = body
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
            with self.line.session.post(
                self._url, data=self._body, timeout=self._silence_s, stream=True, allow_redirects=False
            ) as response:
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
            raise HubRefused(status, self._retry_after(response.headers.get("Retry-After")))
        if status != 200:
            raise HubNonsense(f"answered {status}; the hub answers 200 (check hub.url, or a captive portal)")
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

    def _retry_after(self, text: str | None) -> timedelta | None:
        return retry_after(text, self._clock.reading().wall_ms)


def retry_after(text: str | None, wall_ms: int) -> timedelta | None:
    """Read a ``Retry-After`` header: seconds, or an HTTP date; anything else counts as not said.

    Args:
        text: the header as it came.
        wall_ms: what our own clock says, to measure a date against.

    Returns:
        From nothing to `RETRY_AFTER_MOST`.
    """
    if text is None:
        return None
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,20}", text):
        return min(timedelta(seconds=min(int(text), 86_400)), RETRY_AFTER_MOST)
    try:
        when = email.utils.parsedate_to_datetime(text)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        wait = timedelta(seconds=when.timestamp() - wall_ms / 1000)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(wait, timedelta()), RETRY_AFTER_MOST)


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError("hub.url: not an address; write it like https://hub.example.vn") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigurationError("hub.url: write it like https://hub.example.vn")
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigurationError("hub.url: only scheme, host, port and path; no user, no ? and no #")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise ConfigurationError("hub.url: http:// is for a hub on this machine only; write https://")
    return url.rstrip("/")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def compressed(body: bytes) -> bytes:
    """Gzip with window bits 15+16; base64 is random text, where this strategy is the smallest and quick."""
    press = zlib.compressobj(6, zlib.DEFLATED, 31, 9, zlib.Z_FILTERED)
    return press.compress(body) + press.flush()


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
