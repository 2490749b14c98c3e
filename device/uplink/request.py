"""HTTP requests with one deadline for everything: look-up, connection, TLS handshake, headers and body.

``requests`` limits how long it waits for the next byte, not how long it waits in all, so a server
that drips one byte a second holds it for ever; it inflates what it is sent, and reads the whole body
of a redirect it does not follow. So here a request runs on a thread of its own. The caller
waits for the deadline and then aborts the session (`device.uplink.connection`), which ends the request wherever it is:
in the connection, the TLS handshake, the headers or the body. Only a name look-up cannot be aborted; it is left
behind to run out, and no new request starts while `_MOST_LEFT_BEHIND` of them hang.

A line that the server has closed while it was idle is found out only by using it: a request that ends so before the
first byte of an answer is sent once more on a fresh line, within the same deadline. Where the deadline may be shorter
than a handshake, a late answer is waited for behind the caller's back, so that the next request finds the line open.

Used on one thread; `DeadlineClient.close` may be called from any.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import requests
import urllib3
from requests.auth import AuthBase

from device import __version__
from device.clock import Clock
from device.crypto.signing import SigningKey, signature_headers
from device.errors import ConfigurationError, HubLate, HubUnreachable
from device.uplink.connection import AbortableSession, pinned
from device.uplink.failures import cut_before_an_answer, failure_of
from device.uplink.response import HUB, ResponseRules, answer_of
from device.uplink.url import authority_of, checked
from device.words import number, say

_MOST_LEFT_BEHIND: Final = 3
_FAILURES: Final = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,  # ssl.SSLError too
    ValueError,  # of urllib3 and http.client, about what came
)
_HEADERS: Final = {
    "User-Agent": f"gate-scanner/{__version__}",
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}


class RequestSigner(AuthBase):
    """Signs requests with a gate's key (`device.crypto.signing`).

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


class DeadlineClient:
    """Posts JSON to a hub.

    Args:
        url: of the hub, like ``https://hub.example.vn``; ``http://`` only to this machine.
        clock: for the deadline and for dates in ``Retry-After``.
        deadline_s: for everything: look-up, connection, handshake, headers, body.
        trust: see `AbortableSession`.
        signer: signs each request; ``None`` sends it unsigned.
        rules: what counts as an answer.
        late_s: how long a request that is late may go on by itself; 0 ends it at once.

    Raises:
        ConfigurationError: *url* cannot be used; names the key of the YAML.
    """

    def __init__(  # noqa: PLR0913 - one server, each thing it differs in
        self,
        url: str,
        clock: Clock,
        deadline_s: float,
        trust: ssl.SSLContext | None,
        signer: RequestSigner | None = None,
        *,
        rules: ResponseRules = HUB,
        late_s: float = 0.0,
    ) -> None:
        root = checked(url, f"{rules.section}.url")
        self._url = url if rules.any_success else root  # a foreign server may mind the slash at the end
        self._rules = rules
        self._trust = trust
        self._signer = signer
        self._clock = clock
        self._deadline_s = deadline_s
        self._late_s = late_s
        self._lock = threading.Lock()
        self._session: AbortableSession | None = None
        self._running: _RequestThread | None = None
        self._left_behind: list[_RequestThread] = []
        self._closed = False

    def post(  # noqa: PLR0913 - one request, each thing it differs in
        self,
        path: str,
        body: bytes,
        encoding: str = "identity",
        deadline_s: float | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        take: Callable[[bytes], None] | None = None,
    ) -> bytes:
        """Post *body* and return the answer's body: JSON, as it came, at most `wire.RECEIPT_MOST_BYTES`.

        Args:
            path: under the hub's URL.
            body: as it is sent.
            encoding: the Content-Encoding of *body*.
            deadline_s: for this request alone; ``None`` is that of all.
            headers: of this request alone.
            take: takes the pieces of a download, on the request's own thread, and may raise; then nothing is returned.

        Raises:
            HubUnreachable: no answer, or `close` was called.
            HubLate: none within the deadline.
            HubRefused: the hub answered with an error status.
            HubNonsense: what answered is not the hub.
            Exception: what *take* raised.
        """
        deadline_s = self._deadline_s if deadline_s is None else deadline_s
        sent = {"Content-Encoding": encoding} if encoding != "identity" or self._signer else {}
        request = requests.Request("POST", self._url + path, {**sent, **(headers or {})}, data=body)
        running = self._begin(request, deadline_s, take)
        finished = self._clock.wait(running.done, deadline_s)
        with self._lock:
            self._running = None
            if running.failure is not None or not (finished or self._late_s):
                self._session = None
        if not finished:
            self._leave(running)
            if self._closed:
                raise HubUnreachable(say("the uplink was closed"))
            raise HubLate(say("no answer within {count} s", count=number(deadline_s, "g")))
        if running.session.aborted:
            raise HubUnreachable(say("the uplink was closed"))
        if running.failure is not None:
            raise running.failure
        return running.answer

    def close(self) -> None:
        """End a running request now; every later one is refused. Any thread, any number of times."""
        with self._lock:
            self._closed = True
            session, running = self._session, self._running
            self._session = None
        if session is not None:
            session.abort()
        for late in tuple(self._left_behind):
            late.session.abort()
        if running is not None:
            running.done.set()

    def _leave(self, late: _RequestThread) -> None:
        """Turn from a request that is late: end it, or let it go on for a while so that its line can be used again."""
        self._left_behind.append(late)  # before `_closed` is looked at: `close` ends those it finds here
        if self._late_s and not self._closed:
            _LateWatch(late, self._clock, self._late_s).start()
        else:
            late.session.abort()

    def _begin(
        self, request: requests.Request, deadline_s: float, take: Callable[[bytes], None] | None
    ) -> _RequestThread:
        self._left_behind = [thread for thread in self._left_behind if thread.is_alive()]
        if len(self._left_behind) >= _MOST_LEFT_BEHIND:
            raise HubUnreachable(say("earlier requests still hang, most likely in looking up the hub's name"))
        request.auth = self._signer
        with self._lock:
            if self._closed:
                raise HubUnreachable(say("the uplink was closed"))
            if self._session is not None and self._session.busy:
                self._session.retire()
                self._session = None
            if self._session is None or self._session.aborted:
                self._session = AbortableSession(_HEADERS, self._trust)
            silence_s = max(deadline_s, self._late_s)
            thread = _RequestThread(self._session, request, self._clock, silence_s, self._rules, take)
            self._running = thread
        thread.start()
        return thread


class _RequestThread(threading.Thread):
    """One request and its answer, on a thread that may be left behind."""

    def __init__(  # noqa: PLR0913, PLR0917 - all of one request
        self,
        session: AbortableSession,
        request: requests.Request,
        clock: Clock,
        silence_s: float,
        rules: ResponseRules,
        take: Callable[[bytes], None] | None,
    ) -> None:
        super().__init__(name="uplink", daemon=True)
        session.begin()
        self.session = session
        self.done = threading.Event()
        self.answer = b""
        self.failure: Exception | None = None
        self._request = request
        self._clock = clock
        self._silence_s = silence_s
        self._rules = rules
        self._take = take

    def run(self) -> None:
        """Never raises; whatever happens stands in `answer` or `failure`, and then `done` is set."""
        try:
            self.answer = self._send()
        except Exception as error:  # noqa: BLE001 - carried to the thread that waits for it
            self.failure = error
        self.session.end(sound=self.failure is None)
        self.done.set()

    def _send(self) -> bytes:
        try:
            with self._answered() as response:
                return answer_of(response, self._rules, self._clock.reading().wall_ms, self._take)
        except _FAILURES as error:
            raise failure_of(error, self._rules.section) from None

    def _answered(self) -> requests.Response:
        """Send the request, once more where a line that was used before has ended meanwhile."""
        used = self.session.used
        try:
            return self.session.send(self._request, self._silence_s)
        except _FAILURES as error:
            if not used or self.session.aborted or not cut_before_an_answer(error):
                raise
        self.session.drop()
        return self.session.send(self._request, self._silence_s)


class _LateWatch(threading.Thread):
    """Ends a request that is late, when it has not ended by itself."""

    def __init__(self, late: _RequestThread, clock: Clock, late_s: float) -> None:
        super().__init__(name="uplink-late", daemon=True)
        self._late = late
        self._clock = clock
        self._late_s = late_s

    def run(self) -> None:
        """Wait; never raises."""
        if not self._clock.wait(self._late.done, self._late_s):
            self._late.session.abort()


def certificates(path: Path, key: str = "hub.ca_file") -> ssl.SSLContext:
    """Trust the certificates in the file that *key* of the site file names; raises `ConfigurationError`."""
    if not path.is_file():
        raise ConfigurationError(say("{key}: there is no file {path}", key=key, path=path))
    try:
        return pinned(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError, text that is not ASCII a ValueError
        raise ConfigurationError(say("{key}: {path} holds no certificates in PEM", key=key, path=path)) from error
