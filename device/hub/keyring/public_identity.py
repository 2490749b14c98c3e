"""Public side of a hub's keys: its names, root key, CA certificate and sealing keys, and its signature of the time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from device.crypto.sealing import SealingKey
from device.enrolment.pairing import Hello
from device.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class PublicIdentity:
    """The public side of a hub's folder.

    Attributes:
        names: host names and addresses gates may call it by, lower case.
        root: public Ed25519 key of its root, 32 bytes.
        ca: PEM text of the authority its gates are to trust.
        sealing_keys: asks for the public keys of today and the days to come.
        sign: signs with the root, to tell gates the time, and for `hello`; ``None`` tells them none.
    """

    names: frozenset[str]
    root: bytes
    ca: str
    sealing_keys: Callable[[], tuple[SealingKey, ...]]
    sign: Callable[[bytes], bytes] | None = None

    def hello(self, code_id: str) -> Hello:
        """Return the hub's hello at a gate's first contact.

        Its nonce is made from the public id alone, by a signature that only the root can make: a code that lives, one
        that is spent and one that nobody made are answered alike, and nothing has to be looked up.

        Raises `ConfigurationError` when there is no root to sign with.
        """
        if self.sign is None:
            raise ConfigurationError("this hub has no root key to enrol gates with")
        nonce = hashlib.sha256(self.sign(b"gate/1 enrol hello\0" + code_id.encode("ascii"))).digest()
        return Hello(self.root, nonce, self.ca)

    def is_called(self, authority: str) -> bool:
        """Return whether *authority* (a Host header) is one of the names; the port does not matter."""
        host = authority.lower()
        host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
        return host in self.names
