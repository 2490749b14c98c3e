"""A small DER reader (ITU-T X.690): finds a certificate's extended key usage among its extensions."""

from __future__ import annotations

from collections.abc import Iterator

from device.errors import DerError

_SEQUENCE, _OID, _OCTETS, _EXTENSIONS = 0x30, 0x06, 0x04, 0xA3
_EXTENDED_KEY_USAGE = "2.5.29.37"


def extended_key_usage(tbs_certificate: bytes) -> list[str]:
    """Return the OIDs of the extended key usage, dotted; empty when the certificate has none.

    Args:
        tbs_certificate: the signed part (TBSCertificate, RFC 5280) as DER.

    Raises:
        DerError: it is not DER, or not that of a certificate.
    """
    for tag, content in _items(_only(tbs_certificate, _SEQUENCE)):
        if tag != _EXTENSIONS:
            continue
        for _, extension in _items(_only(content, _SEQUENCE)):
            parts = list(_items(extension))  # id, critical or not, value
            if len(parts) < 2 or parts[0][0] != _OID or parts[-1][0] != _OCTETS:
                raise DerError("an extension without id or value")
            if _dotted(parts[0][1]) == _EXTENDED_KEY_USAGE:
                return [_dotted(oid) for _, oid in _items(_only(parts[-1][1], _SEQUENCE))]
    return []


def _only(der: bytes, tag: int) -> bytes:
    """Return the content of the one item *der* is."""
    items = list(_items(der))
    if len(items) != 1 or items[0][0] != tag:
        raise DerError("not the one item expected here")
    return items[0][1]


def _items(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tag and content of each item, one after the other."""
    at = 0
    while at < len(der):
        head = der[at : at + 2]
        if len(head) < 2 or head[0] & 0x1F == 0x1F:
            raise DerError("cut short, or a tag of several bytes")
        length, at = head[1], at + 2
        if length & 0x80:
            size = length & 0x7F
            if not 1 <= size <= 4:
                raise DerError("a length that is none")
            length, at = int.from_bytes(der[at : at + size]), at + size
        if at + length > len(der):
            raise DerError("cut short")
        yield head[0], der[at : at + length]
        at += length


def _dotted(oid: bytes) -> str:
    """Write an object identifier's content as dotted numbers."""
    arcs, value = [], 0
    for byte in oid:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    if not arcs:
        return ""
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))
