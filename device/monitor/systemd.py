"""systemd notification (sd_notify): READY, WATCHDOG, STATUS, STOPPING. Silent where there is no systemd.

The protocol is one datagram of ``KEY=value`` lines to the socket named by ``NOTIFY_SOCKET``
(sd_notify(3)); implements `device.ports.ServiceNotifier`.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping


class SystemdNotifier:
    """One notification socket, connected once: behind the wall of the eye none can be. Safe on any thread.

    Each call is one datagram.

    Args:
        environment: where ``NOTIFY_SOCKET`` is looked up.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.settimeout(0)
            with contextlib.suppress(OSError):
                self._socket.connect("\0" + address[1:] if address.startswith("@") else address)

    def _send(self, text: str) -> None:
        """Send one datagram; a systemd that does not listen must not stop the gate."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.send(text.encode("utf-8"))

    @property
    def descriptors(self) -> tuple[int, ...]:
        """The socket's descriptor; none where there is no systemd."""
        return () if self._socket is None else (self._socket.fileno(),)

    def ready(self) -> None:
        """Tell that start-up is over."""
        self._send("READY=1")

    def alive(self) -> None:
        """Feed the watchdog."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Set the status line; line ends would start another key and are replaced."""
        self._send("STATUS=" + text.replace("\n", " "))

    def stopping(self) -> None:
        """Tell that the service goes down on purpose."""
        self._send("STOPPING=1")

    def close(self) -> None:
        """Close the socket; may be called twice."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
