"""Failed requests in words: what went wrong between the gate and a server, by the innermost exception. Pure.

Only a certificate that was looked at and found wanting is called untrusted. A line that is cut while TLS is being
agreed on says nothing about a certificate, and sends nobody looking for one. No text of an exception is repeated: it
may hold what the server sent. The name in brackets is for a search.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from typing import Final

import requests
import urllib3

from device.errors import HubNonsense, HubUnreachable, UplinkError
from device.words import say, sentence

_DEEPEST: Final = 8
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_OTHER_HOST: Final = 62
_OTHER_ADDRESS: Final = 64
"""Numbers of OpenSSL's ``X509_V_ERR_…``."""
_NOT_TLS: Final = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL"}
)
_OLD_TLS: Final = frozenset(
    {"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE", "VERSION_TOO_LOW"}
)
_NO_WAY: Final = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
)


def failure_of(error: Exception, section: str) -> UplinkError:
    """Return what *error* means for whoever sent the request.

    Args:
        error: of ``requests``, ``urllib3``, ``http.client``, ``ssl`` or the socket.
        section: of the site file, where the server is named.

    Returns:
        `HubNonsense` where something answered that is not the server, else `HubUnreachable`.
    """
    cause = _innermost(error)
    match cause:
        case ssl.SSLCertVerificationError():
            return HubNonsense(_of_certificate(cause, section))
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return HubUnreachable(
                say(
                    "the line was cut while it was being secured, before any certificate was judged (TLS handshake; "
                    "{name}): check the network, and {section}.url with its port",
                    name=type(cause).__name__,
                    section=section,
                )
            )
        case ssl.SSLError():
            return HubNonsense(_of_tls(cause, section))
        case _:
            return HubUnreachable(_of_line(cause, section))


def cut_before_an_answer(error: Exception) -> bool:
    """Return whether the other side ended the line before it said anything, as one that was idle for long does."""
    return isinstance(
        _innermost(error),
        http.client.RemoteDisconnected
        | ConnectionResetError
        | ConnectionAbortedError
        | BrokenPipeError
        | ssl.SSLEOFError
        | ssl.SSLZeroReturnError,
    )


def _of_certificate(error: ssl.SSLCertVerificationError, section: str) -> str:
    match error.verify_code:
        case code if code in {_OTHER_HOST, _OTHER_ADDRESS}:
            what = sentence("the certificate of what answered is for another name or address: check {section}.url")
        case code if code == _EXPIRED:
            what = sentence(
                "the certificate of what answered has expired by this machine's clock: check the clock, then the server"
            )
        case code if code == _NOT_YET_VALID:
            what = sentence(
                "the certificate of what answered is not valid yet by this machine's clock: check the clock, then the "
                "server"
            )
        case _:
            what = sentence(
                "the certificate of what answered is not trusted: check {section}.url and {section}.ca_file, or "
                "somebody in between answers (a captive portal?)"
            )
    return say(what, section=section)


def _of_tls(error: ssl.SSLError, section: str) -> str:
    reason = error.reason or type(error).__name__
    if reason in _NOT_TLS:
        return say(
            "what answers at that port does not speak TLS ({reason}): check {section}.url with its port",
            reason=reason,
            section=section,
        )
    if reason in _OLD_TLS:
        return say(
            "what answers has no version of TLS in common with this gate, 1.2 or newer ({reason})", reason=reason
        )
    what = sentence("TLS failed ({reason}): check {section}.url; somebody in between may answer")
    return say(what, reason=reason, section=section)


def _of_line(error: BaseException, section: str) -> str:
    match error:
        case socket.gaierror():
            what = sentence("the server's name is not known here (no network, or check {section}.url)")
        case ConnectionRefusedError():
            what = sentence(
                "nothing listens there ({name}): check {section}.url with its port, and whether the server runs"
            )
        case OSError() if error.errno in _NO_WAY:
            what = sentence("there is no way to the server from here: check the network")
        case http.client.RemoteDisconnected() | ConnectionResetError() | ConnectionAbortedError() | BrokenPipeError():
            what = sentence("the line was cut before an answer came ({name})")
        case http.client.IncompleteRead() | urllib3.exceptions.IncompleteRead():
            what = sentence("the answer was cut short or garbled ({name})")
        case http.client.HTTPException() | urllib3.exceptions.ProtocolError():
            what = sentence("what answers does not speak HTTP ({name}): check {section}.url with its port")
        case TimeoutError() | urllib3.exceptions.TimeoutError() | requests.Timeout():
            what = sentence("no answer in time ({name})")
        case _:
            what = sentence("no answer ({name})")
    return say(what, name=type(error).__name__, section=section)


def _innermost(error: BaseException) -> BaseException:
    cause = error
    for _ in range(_DEEPEST):
        if isinstance(cause, (OSError, http.client.HTTPException)) and not isinstance(cause, requests.RequestException):
            return cause  # below it are only the parser's own
        cause = _inner(cause) or cause
    return cause


def _inner(error: BaseException) -> BaseException | None:
    for candidate in (getattr(error, "reason", None), *error.args):
        if isinstance(candidate, BaseException):
            return candidate
    return error.__cause__ or error.__context__
