r"""Ed25519 keys, and HTTP message signatures (RFC 9421) made with them.

Requests carry no password. A gate signs each one with its own key as RFC 9421 (HTTP Message
Signatures) and RFC 9530 (Content-Digest) say, always in this one profile, byte for byte::

    Content-Digest: sha-256=:BASE64 OF THE SHA-256 OF THE BODY AS SENT:
    Signature-Input: gate=("@method" "@authority" "@request-target" "content-encoding" "content-digest");\
keyid="DEVICE";alg="ed25519"
    Signature: gate=:BASE64 OF 64 BYTES:

What is signed are these lines in ASCII, joined by line feeds; the last repeats Signature-Input after ``gate=``::

    "@method": POST
    "@authority": hub.example.vn
    "@request-target": /v1/checkins
    "content-encoding": gzip
    "content-digest": sha-256=:…:
    "@signature-params": ("@method" …);keyid="DEVICE";alg="ed25519"

The authority is the Host header in lower case. There is no time and no counter in it: a gate has no
clock to trust, and a batch that comes again changes nothing (the cursor answers it).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from device.durable import replace_file
from device.errors import ConfigurationError, WireError
from device.strict_json import NAME, base64_of, octets
from device.words import say, why_of

_COMPONENTS: Final = ("@method", "@authority", "@request-target", "content-encoding", "content-digest")
_COVERED: Final = f"({' '.join(f'{chr(34)}{component}{chr(34)}' for component in _COMPONENTS)})"
_INPUT: Final = re.compile(rf'gate={re.escape(_COVERED)};keyid="({NAME.pattern})";alg="ed25519"')
_SIGNATURE: Final = re.compile(r"gate=:([A-Za-z0-9+/]{86}==):")
_DIGEST: Final = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


class SigningKey:
    """An Ed25519 key pair that does not print its private half, nor leave the process by itself.

    Args:
        seed: 32 bytes, the private half.

    Attributes:
        public: 32 bytes, the public half.
    """

    __slots__ = ("_private", "public")

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public: bytes = self._private.public_key().public_bytes_raw()

    @classmethod
    def new(cls) -> Self:
        """Make a key at random."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        return self._private.sign(message)

    def seed(self) -> bytes:
        """Return the private half, to be written where only its owner reads."""
        return self._private.private_bytes_raw()

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.hex()[:8]}…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SigningKey) and self.public == other.public

    def __hash__(self) -> int:
        return hash(self.public)

    def __reduce__(self) -> str:
        raise TypeError("a private key does not leave the process by itself")


def verified(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether *signature* is that of *public* over *message*; ``False`` too for bytes that are no key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def verified_by_any(roots: Iterable[bytes], message: bytes, signature: bytes) -> bool:
    """Return whether *signature* is that of one of *roots* over *message*."""
    return any(verified(root, message, signature) for root in roots)


def kept_key(path: Path) -> SigningKey:
    """Return the key kept in *path* (0600, 32 raw bytes); the first time it is made there, durably.

    Raises:
        ConfigurationError: the file is there and holds no key, or cannot be used; says what to do.
    """
    try:
        seed = path.read_bytes()
    except FileNotFoundError:
        key = SigningKey.new()
        try:
            replace_file(path, key.seed())
        except OSError as error:
            raise ConfigurationError(say("{path}: cannot be written ({why})", path=path, why=why_of(error))) from error
        return key
    except OSError as error:
        raise ConfigurationError(say("{path}: cannot be read ({why})", path=path, why=why_of(error))) from error
    if len(seed) != 32:
        raise ConfigurationError(say("{path}: is no key; remove the file, then enrol the gate again", path=path))
    return SigningKey(seed)


def signature_headers(  # noqa: PLR0913 - what is signed, part by part
    key: SigningKey, device_id: str, *, method: str, authority: str, target: str, encoding: str, body: bytes
) -> dict[str, str]:
    """Sign a request.

    Args:
        key: of the gate.
        device_id: its name at the hub.
        method: ``POST``.
        authority: host, and port where it is not the scheme's own.
        target: path and query as they stand in the request line.
        encoding: the Content-Encoding header as sent.
        body: the body as sent.

    Returns the headers to add.
    """
    digest = f"sha-256=:{base64_of(hashlib.sha256(body).digest())}:"
    parameters = f'{_COVERED};keyid="{device_id}";alg="ed25519"'
    signature = key.sign(_base(method, authority, target, encoding, digest, parameters))
    return {
        "Content-Digest": digest,
        "Signature-Input": f"gate={parameters}",
        "Signature": f"gate=:{base64_of(signature)}:",
    }


@dataclass(frozen=True, slots=True)
class RequestSignature:
    """What the headers of a request claim; nothing of it is proved before `holds`.

    Attributes:
        device_id: who says to have signed.
    """

    device_id: str
    _digest: str
    _signature: bytes

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> Self:
        """Read the three headers; raises `WireError` when they are not in our profile."""
        signed = _INPUT.fullmatch(headers.get("Signature-Input", ""))
        signature = _SIGNATURE.fullmatch(headers.get("Signature", ""))
        digest = _DIGEST.fullmatch(headers.get("Content-Digest", ""))
        if not signed or not signature or not digest:
            raise WireError("the request is not signed as the contract says")
        return cls(signed[1], digest[0], octets(signature[1], 64, 64, "Signature"))

    def holds(self, public: bytes, method: str, authority: str, target: str, encoding: str) -> bool:
        """Return whether *public* signed this request; the body is judged by `covers`."""
        parameters = f'{_COVERED};keyid="{self.device_id}";alg="ed25519"'
        try:
            base = _base(method, authority, target, encoding, self._digest, parameters)
        except UnicodeEncodeError:
            return False
        return verified(public, base, self._signature)

    def covers(self, body: bytes) -> bool:
        """Return whether *body* is the one that was signed."""
        return self._digest == f"sha-256=:{base64_of(hashlib.sha256(body).digest())}:"


def _base(*parts: str) -> bytes:
    """Return the signature base; a line feed in a part would make two lines of it and is refused by HTTP itself."""
    method, authority, target, encoding, digest, parameters = parts
    values = (method, authority.lower(), target, encoding, digest)
    lines = [f'"{component}": {value}' for component, value in zip(_COMPONENTS, values, strict=True)]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")
