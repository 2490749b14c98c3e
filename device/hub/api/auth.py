"""Who asks: the gate that signed a request, found out before a byte of the body is read."""

from __future__ import annotations

import json
from typing import Annotated, NamedTuple

from fastapi import Depends, HTTPException, Request, Response

from device.crypto.signing import RequestSignature
from device.errors import WireError
from device.hub.api.enrolment import whole_body
from device.hub.db.database import HubDatabase
from device.hub.keyring.public_identity import PublicIdentity
from device.wire.revocation import Revocation, encode_revocation


def store_of(request: Request) -> HubDatabase:
    """Return the application's store."""
    store = request.app.state.store
    assert isinstance(store, HubDatabase)
    return store


Store = Annotated[HubDatabase, Depends(store_of)]


class Sender(NamedTuple):
    """A gate whose signature over this request holds; its body is still unread."""

    device_id: str
    public: bytes
    revocation: bytes | None
    signature: RequestSignature


def find_sender(request: Request, store: Store) -> Sender:
    """Find out who signed the request line and the headers, before a byte of the body is read."""
    face: PublicIdentity = request.app.state.face
    authority = request.headers.get("Host", "")
    if not face.is_called(authority):
        raise HTTPException(421, "this hub is not called so: gate-scanner hub certificate gives it more names")
    try:
        signature = RequestSignature.read(request.headers)
    except WireError as error:
        raise HTTPException(401, str(error)) from None
    known = store.key_of(signature.device_id)
    target = request.scope["raw_path"].decode("latin-1") + (f"?{request.url.query}" if request.url.query else "")
    encoding = request.headers.get("Content-Encoding", "identity")
    if known is None or not signature.holds(known[0], request.method, authority, target, encoding):
        raise HTTPException(401, "no gate of this hub has signed this")
    return Sender(signature.device_id, *known, signature)


SignedBy = Annotated[Sender, Depends(find_sender)]


async def signed_body(request: Request, sender: Sender, most_bytes: int) -> bytes:
    """Read the body, which must be the one that was signed."""
    body = await whole_body(request, most_bytes)
    if not sender.signature.covers(body):
        raise HTTPException(401, "the body is not the one that was signed")
    return body


def withdrawn(sender: Sender, signature: bytes) -> Response:
    """Answer a gate whose key was withdrawn, with the root's signature of that."""
    said = Revocation(sender.device_id, sender.public, signature)
    return Response(encode_revocation(said), 403, media_type="application/json")


def error_answer(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """Refuse in words of ours."""
    return Response(json.dumps({"error": text}), status, headers, media_type="application/json")
