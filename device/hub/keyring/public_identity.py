"""Public side of a hub's keys: its names, root key, CA certificate and sealing keys, and its signature of the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from device.crypto.sealing import SealingKey


@dataclass(frozen=True, slots=True)
class PublicIdentity:
    """The public side of a hub's folder.

    Attributes:
        names: host names and addresses gates may call it by, lower case.
        root: public Ed25519 key of its root, 32 bytes.
        ca: PEM text of the authority its gates are to trust.
        sealing_keys: asks for the public keys of today and the days to come.
        sign: signs with the root, to tell gates the time; ``None`` tells them none.
    """

    names: frozenset[str]
    root: bytes
    ca: str
    sealing_keys: Callable[[], tuple[SealingKey, ...]]
    sign: Callable[[bytes], bytes] | None = None

    def is_called(self, authority: str) -> bool:
        """Return whether *authority* (a Host header) is one of the names; the port does not matter."""
        host = authority.lower()
        host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
        return host in self.names
