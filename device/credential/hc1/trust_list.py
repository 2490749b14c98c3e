"""Trust list of HC1 signers: public keys, ready to verify with. `device.trust.trust_list` reads it from its file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

ES256 = -7
PS256 = -37
ALGORITHMS = {"ES256": ES256, "PS256": PS256}
"""Names and numbers of COSE (RFC 9053, RFC 8230); the certificate's specification knows no others."""

USES = ("v", "t", "r")
"""The kinds of entry: vaccination, test, recovery."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """One signer's key.

    Attributes:
        kid: the key id certificates name it by; several keys may share one.
        alg: `ES256` or `PS256`; it verifies under no other.
        public_key: P-256 or RSA, as *alg* needs it.
        use: the kinds of entry it may sign, of `USES`.
        country: two capital letters; ``None`` when the certificate did not say.
        not_before_s: Unix seconds.
        not_after_s: Unix seconds, included.
    """

    kid: bytes
    alg: int
    public_key: EllipticCurvePublicKey | RSAPublicKey = field(repr=False)
    use: frozenset[str]
    country: str | None
    not_before_s: int
    not_after_s: int


class TrustList:
    """Trusted keys by key id. Immutable; safe on any thread."""

    def __init__(self, keys: Iterable[TrustedKey]) -> None:
        by_kid: dict[bytes, list[TrustedKey]] = {}
        for key in keys:
            by_kid.setdefault(key.kid, []).append(key)
        self._by_kid = MappingProxyType({kid: tuple(same) for kid, same in by_kid.items()})

    def __len__(self) -> int:
        return sum(map(len, self._by_kid.values()))

    def under(self, kid: bytes) -> tuple[TrustedKey, ...]:
        """Return every key with this id; empty when there is none."""
        return self._by_kid.get(kid, ())
