"""Base45 (RFC 9285) and zlib (RFC 1950), both bounded: from ``HC1:`` text to the signed bytes.

The text is used as it stands: base45 has a space among its letters, so nothing is trimmed or joined.
"""

from __future__ import annotations

import zlib

import base45

from device.errors import CertificateMalformed

PREFIX = b"HC1:"

MOST_INFLATED = 8_192
"""Bytes after inflating; real certificates have 200 to 700."""


def unwrap(payload: bytes) -> bytes:
    """Return the COSE message in a payload that begins with `PREFIX`.

    Raises:
        CertificateMalformed: no base45, no complete zlib stream, more behind it, or more than `MOST_INFLATED`.
    """
    try:
        packed = base45.b45decode(payload[len(PREFIX) :])
    except ValueError:
        raise CertificateMalformed("base45: not of its alphabet, or a group out of range") from None
    stream = zlib.decompressobj()
    try:
        inflated = stream.decompress(packed, MOST_INFLATED + 1)
    except zlib.error:
        raise CertificateMalformed("zlib: not compressed, or damaged") from None
    if len(inflated) > MOST_INFLATED:
        raise CertificateMalformed("zlib: too large")
    if not stream.eof:
        raise CertificateMalformed("zlib: cut short")
    if stream.unused_data:
        raise CertificateMalformed("zlib: something stands behind it")
    return inflated
