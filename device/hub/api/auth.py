"""Authentication of gates: the HTTP message signature (RFC 9421) of a request, before a byte of its body is read."""

from __future__ import annotations

import json
from typing import Annotated, NamedTuple

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, HTTPException, Request, Response
from starlette.requests import ClientDisconnect

from device.crypto.signing import RequestSignature
from device.errors import WireError
from device.hub.api.concurrency import UnfinishedBodies, WriteQueue
from device.hub.connections import Connection
from device.hub.db.database import HubDatabase
from device.hub.keyring.public_identity import PublicIdentity
from device.wire import status as question
from device.wire.revocation import Revocation, encode_revocation


def store_of(request: Request) -> HubDatabase:
    """Return the application's store."""
    store = request.app.state.store
    assert isinstance(store, HubDatabase)
    return store


def identity_of(request: Request) -> PublicIdentity:
    """Return what the application's hub shows of itself."""
    identity = request.app.state.identity
    assert isinstance(identity, PublicIdentity)
    return identity


def writes_of(request: Request) -> WriteQueue:
    """Return the queue of whatever writes to the application's store."""
    writes = request.app.state.writes
    assert isinstance(writes, WriteQueue)
    return writes


def lookups_of(request: Request) -> CapacityLimiter:
    """Return how many may look something up at once: a visitor's status never stands behind the batches of others."""
    state = request.app.state
    limiter = state.urgent_lookups if request.url.path == question.PATH else state.lookups
    assert isinstance(limiter, CapacityLimiter)
    return limiter


async def _store(request: Request) -> HubDatabase:
    return store_of(request)


async def _identity(request: Request) -> PublicIdentity:
    return identity_of(request)


# Coroutines: FastAPI hands a function that is none to another thread, and waits for it.
Store = Annotated[HubDatabase, Depends(_store)]
Identity = Annotated[PublicIdentity, Depends(_identity)]


class Sender(NamedTuple):
    """A gate whose signature over this request holds; its body is still unread."""

    device_id: str
    public: bytes
    revocation: bytes | None
    signature: RequestSignature


def connection_of(request: Request) -> Connection:
    """Return the connection that the request came on (`device.hub.server`)."""
    connection = request.state.connection
    assert isinstance(connection, Connection)
    return connection


def check_called(request: Request, identity: Identity) -> str:
    """Return the name by which this hub is asked; raises `HTTPException` 421 where it is none of its own."""
    authority = request.headers.get("Host", "")
    if not identity.is_called(authority):
        raise HTTPException(421, "this hub is not called so: gate-scanner hub certificate gives it more names")
    return authority


async def authenticate(request: Request, store: Store, identity: Identity) -> Sender:
    """Return the gate that signed the request line and the headers, before a byte of the body is read.

    The connection counts for that gate from now on.

    Raises `HTTPException`: 421 for another host's name, 401 for a signature that is none of our gates'.
    """
    authority = check_called(request, identity)
    try:
        signature = RequestSignature.read(request.headers)
    except WireError as error:
        raise HTTPException(401, str(error)) from None
    known = await to_thread.run_sync(store.key_of, signature.device_id, limiter=lookups_of(request))
    target = request.scope["raw_path"].decode("latin-1") + (f"?{request.url.query}" if request.url.query else "")
    encoding = request.headers.get("Content-Encoding", "identity")
    if known is None or not signature.holds(known[0], request.method, authority, target, encoding):
        raise HTTPException(401, "no gate of this hub has signed this")
    connection_of(request).proved(signature.device_id)
    request.state.sender = signature.device_id  # for the log line of a body that breaks the contract
    return Sender(signature.device_id, *known, signature)


SignedBy = Annotated[Sender, Depends(authenticate)]


def announced_bytes(request: Request) -> int:
    """Return how long the body is said to be; 0 where nothing good is said."""
    said = request.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdecimal() else 0


async def whole_body(request: Request, most_bytes: int) -> bytes:
    """Read a body of at most *most_bytes*; a larger one is refused before it is read whole."""
    body = bytearray()
    unfinished: UnfinishedBodies = request.app.state.unfinished_bodies
    try:
        with unfinished.of(connection_of(request)) as count:
            async for piece in request.stream():
                body += piece
                count(len(piece))
                if len(body) > most_bytes:
                    raise HTTPException(413, f"the body is larger than {most_bytes} bytes")
    except ClientDisconnect:
        # Nobody hears this; left alone, each broken line would be a traceback in the log.
        raise HTTPException(400, "the body ended before it was whole") from None
    return bytes(body)


async def signed_body(request: Request, sender: Sender, most_bytes: int) -> bytes:
    """Read the body, at most *most_bytes*; raises `HTTPException` 401 when it is not the one that was signed."""
    body = await whole_body(request, most_bytes)
    if not sender.signature.covers(body):
        raise HTTPException(401, "the body is not the one that was signed")
    return body


def revocation_answer(sender: Sender, signature: bytes) -> Response:
    """Answer a gate whose key was withdrawn, with the root's signature of that."""
    said = Revocation(sender.device_id, sender.public, signature)
    return Response(encode_revocation(said), 403, media_type="application/json")


def error_answer(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """Refuse in words of ours."""
    return Response(json.dumps({"error": text}), status, headers, media_type="application/json")
