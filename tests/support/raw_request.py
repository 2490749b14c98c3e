"""A gate's signed request as the bytes that go over the line, for whoever sends them in a way of their own."""

from __future__ import annotations

from device.crypto.signing import signature_headers
from device.enrolment.document import Enrolment


def signed_head(gate: Enrolment, authority: str, path: str, body: bytes, encoding: str = "identity") -> bytes:
    """Return the head of a POST to *path*, signed by *gate*; *body* is to follow."""
    headers = {"Host": authority, "Content-Encoding": encoding, "Content-Length": str(len(body))}
    headers |= signature_headers(
        gate.key, gate.device_id, method="POST", authority=authority, target=path, encoding=encoding, body=body
    )
    rows = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{rows}\r\n".encode()
