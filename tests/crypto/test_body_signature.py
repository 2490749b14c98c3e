"""The signature under which bodies are posted to servers of others."""

from __future__ import annotations

from device.crypto.body_signature import signature_of, signed


def test_the_signature_is_the_one_that_every_language_has() -> None:
    # RFC 4231, test case 2.
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature_of("Jefe", b"what do ya want for nothing?") == expected
    headers = signed("Jefe", "a/1", b"what do ya want for nothing?")
    assert headers == {"Idempotency-Key": "a/1", "Gate-Signature": f"sha256={expected}"}
