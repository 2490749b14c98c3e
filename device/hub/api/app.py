"""The hub's HTTP application (FastAPI): what gates post, and a plain view for the operator. Nothing here can unseal.

``POST /v1/checkins`` takes a gate's signed batch (`device.wire.checkins`, `device.crypto.signing`); ``POST /v1/time``
tells it the time (`device.wire.time`); ``POST /v1/status`` answers a gate about one person (`device.wire.status`);
``POST /v1/state`` hears how a gate stands (`device.wire.state`);
``POST /v1/enrolment/…`` is in `device.hub.api.enrolment`, ``POST /v1/bundles…`` in `device.hub.api.bundles`, what the
operator and anybody may ask in `device.hub.api.operator`. Refusals (`device.hub.api.refusals`) are ``{"error": …}`` in
words of ours: no answer and no log line holds a byte of what was sent. Of a request that is read, another version of
the contract is answered 409 and what breaks the contract 422, whatever was asked.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as AnyHTTPException

from device import __version__
from device.clock import SystemClock
from device.crypto.secret import Secret
from device.crypto.signing import verified
from device.errors import ConfigurationError, UnknownContract, WireError
from device.hub.api import bundles as bundles_api
from device.hub.api import enrolment as enrolment_api
from device.hub.api import operator as operator_api
from device.hub.api.auth import (
    Sender,
    SignedBy,
    Store,
    announced_bytes,
    connection_of,
    error_answer,
    identity_of,
    lookups_of,
    revocation_answer,
    signed_body,
    store_of,
    writes_of,
)
from device.hub.api.concurrency import (
    MOST_DOWNLOADS,
    MOST_WAITING_BYTES,
    InProgress,
    UnfinishedBodies,
    WriteQueue,
)
from device.hub.api.rate_limit import MOST_REPORTS_A_MINUTE, RateLimit
from device.hub.api.refusals import refuse, refuse_content, refuse_for_now, refuse_parameters, refuse_version
from device.hub.api.routes import ASK_STATUS, ASK_TIME, TAKE_BATCH, TELL_STATE
from device.hub.db.database import HubDatabase
from device.hub.db.people_status import digest
from device.hub.keyring.public_identity import PublicIdentity
from device.hub.list_fetches import ListFetches
from device.hub.metrics.numbers import HubNumbers
from device.hub.paced_log import PacedLog
from device.hub.publishing.store import PublishedBundles
from device.model import Status
from device.wire import checkins as wire
from device.wire import state as gate_state
from device.wire import status as question
from device.wire import time as hub_time
from device.wire.time_fields import HubTime, time_statement

_BUSY_S: Final = 5
_LOOKUPS: Final = 3
"""At once, of those somebody waits for at a gate, and of all others; more would wait for the interpreter."""
_MOST_INT: Final = 2**53 - 1
log = logging.getLogger(__name__)
_router = APIRouter(prefix="/v1")


def create_app(  # noqa: PLR0913, PLR0917 - the parts of a hub
    store: HubDatabase,
    operator_token: Secret,
    identity: PublicIdentity,
    status_secret: Callable[[], bytes | None] | None = None,
    bundles: PublishedBundles | None = None,
    most_waiting_bytes: int = MOST_WAITING_BYTES,
    log: PacedLog | None = None,
) -> FastAPI:
    """Build the application, for a `device.hub.server.HubServer`.

    Args:
        store: the database; the caller closes it after the server has ended.
        operator_token: what requests for the view must carry.
        identity: what the hub shows of itself to gates.
        status_secret: gives the secret of `device.hub.db.people_status`; ``None``, itself or its answer, while
            nothing is known of anybody.
        bundles: what gates may fetch; ``None``: nothing.
        most_waiting_bytes: of batches that wait to be written; who comes on top waits as ``Retry-After`` says.
        log: told of strangers that are refused.
    """
    app = FastAPI(title="Gate hub", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.store = store
    app.state.operator_token = operator_token
    app.state.identity = identity
    app.state.status_secret = status_secret
    app.state.bundles = bundles
    app.state.log = log or PacedLog(SystemClock())
    app.state.numbers = HubNumbers()
    app.state.batches, app.state.downloads = InProgress(), InProgress(MOST_DOWNLOADS)
    app.state.unfinished_bodies = UnfinishedBodies()
    app.state.lookups, app.state.urgent_lookups = CapacityLimiter(_LOOKUPS), CapacityLimiter(_LOOKUPS)
    app.state.writes = WriteQueue(store, most_waiting_bytes)
    app.state.rate_limit = RateLimit(SystemClock())
    app.state.state_limit = RateLimit(SystemClock(), MOST_REPORTS_A_MINUTE)
    app.state.list_fetches = ListFetches(SystemClock())
    app.state.enrolment_pace = enrolment_api.Pace(SystemClock())
    app.include_router(_router)
    app.include_router(operator_api.router)
    app.include_router(enrolment_api.router)
    app.include_router(bundles_api.router)
    app.add_exception_handler(RequestValidationError, refuse_parameters)
    app.add_exception_handler(AnyHTTPException, refuse)  # the router's own 404 and 405 too
    app.add_exception_handler(UnknownContract, refuse_version)
    app.add_exception_handler(WireError, refuse_content)
    app.add_exception_handler(SQLAlchemyError, refuse_for_now)
    return app


@_router.post("/checkins", **TAKE_BATCH)
async def take_batch(request: Request, sender: SignedBy) -> Response:
    """Take a batch of a gate; the receipt is sent when its rows are on disk."""
    if sender.revocation is not None:
        return revocation_answer(sender, sender.revocation)
    if request.headers.get("Content-Encoding", "").lower() != "gzip":
        raise HTTPException(415, "the body must be gzipped")
    batches: InProgress = request.app.state.batches
    with batches.one_of(sender.device_id, connection_of(request)):
        if (announced := announced_bytes(request)) <= wire.BODY_MOST_BYTES:
            writes_of(request).must_have_room(announced, sender.device_id)  # before it is read: a refusal costs little
        body = await signed_body(request, sender, wire.BODY_MOST_BYTES)
        return await writes_of(request).run(len(body), partial(_settling, request, sender, body), sender.device_id)


@_router.post("/time", **ASK_TIME)
async def tell_time(request: Request, store: Store, sender: SignedBy) -> Response:
    """Tell a gate the time, and note what its clock says."""
    if sender.revocation is not None:
        return revocation_answer(sender, sender.revocation)
    body = await signed_body(request, sender, hub_time.MOST_BYTES)
    sent = hub_time.decode_question(body)
    noted = partial(store.note_contact, sender.device_id, sent)
    await writes_of(request).run(len(body), lambda: noted, sender.device_id)
    told = await run_in_threadpool(_told, request, sender, body)
    if told is None:
        return error_answer(503, "this hub tells no time")
    return Response(hub_time.encode_answer(told), media_type="application/json")


def _told(request: Request, sender: Sender, body: bytes) -> HubTime | None:
    store, identity = store_of(request), identity_of(request)
    time = store.clock.now()
    if identity.sign is None or time.off_ms is not None:
        return None
    return HubTime(time.now_ms, identity.sign(time_statement(sender.device_id, body, time.now_ms)))


@_router.post("/status", **ASK_STATUS)
async def tell_status(request: Request, store: Store, sender: SignedBy) -> Response:
    """Tell a gate what is known of one person; nothing of the question is kept or logged."""
    if sender.revocation is not None:
        return revocation_answer(sender, sender.revocation)
    limit: RateLimit = request.app.state.rate_limit
    if wait_s := limit.wait_s(sender.device_id):
        return error_answer(429, "this gate asks too often", {"Retry-After": str(wait_s)})
    body = await signed_body(request, sender, question.MOST_BYTES)
    keys = question.decode_question(body)
    secret_of = request.app.state.status_secret
    status = await to_thread.run_sync(_status, store, secret_of, keys, limiter=lookups_of(request))
    return Response(question.encode_status(status), media_type="application/json")


@_router.post("/state", **TELL_STATE)
async def take_state(request: Request, store: Store, sender: SignedBy) -> Response:
    """Take what a gate says of itself; the answer names the hours that are on disk."""
    if sender.revocation is not None:
        return revocation_answer(sender, sender.revocation)
    limit: RateLimit = request.app.state.state_limit
    if wait_s := limit.wait_s(sender.device_id):
        return error_answer(429, "this gate reports too often", {"Retry-After": str(wait_s)})
    body = await signed_body(request, sender, gate_state.BODY_MOST_BYTES)
    state, hours = gate_state.decode_state(body)
    work = partial(store.note_state, sender.device_id, state, hours)
    answer = await writes_of(request).run(len(body), lambda: work, sender.device_id)
    return Response(gate_state.encode_answer(answer), media_type="application/json")


def _status(store: HubDatabase, secret_of: Callable[[], bytes | None] | None, keys: tuple[str, ...]) -> Status:
    try:
        secret = None if secret_of is None else secret_of()
    except ConfigurationError:
        # A secret that was damaged while the hub runs: "not now" keeps nobody out, "unknown" would be a lie.
        log.error("event=status-secret-unusable")  # noqa: TRY400 - the event says all
        raise HTTPException(503, "the statuses cannot be read") from None
    return Status() if secret is None else store.status(digest(secret, key) for key in keys)


def _settling(request: Request, sender: Sender, body: bytes) -> Callable[[], Response]:
    """Read a batch, and return what settles it; raises `WireError`, and `HTTPException` 403."""
    signed = wire.decode_batch(_inflated(body))
    if signed.batch.device_id != sender.device_id:
        raise HTTPException(403, "the batch is another gate's")
    if not verified(sender.public, wire.head_of(signed.batch), signed.head_signature):
        raise HTTPException(403, "the head of the chain is not signed by this gate")
    return partial(_settle, request, sender, body, signed)


def _settle(request: Request, sender: Sender, body: bytes, signed: wire.SignedBatch) -> Response:
    device_id, paced = sender.device_id, request.app.state.log
    assert isinstance(paced, PacedLog)
    receipt = store_of(request).ingest(signed.batch, signed.head_signature, signed.sent)
    numbers: HubNumbers = request.app.state.numbers
    numbers.note_batch(len(signed.batch.rows), receipt)
    if receipt.parked and (left_out := paced.left_out(f"rows-parked {device_id}")) is not None:
        log.warning("event=rows-parked device=%s rows=%d left_out=%d", device_id, len(receipt.parked), left_out)
    receipt = replace(receipt, etag=bundles_api.catalogue_now(request.app.state.bundles, device_id, paced).etag)
    return Response(wire.encode_receipt(receipt, _told(request, sender, body)), media_type="application/json")


def _inflated(body: bytes) -> bytes:
    """Undo gzip, never to more than a batch may be; raises `WireError` when it is not whole."""
    inflate = zlib.decompressobj(wbits=31)
    try:
        inflated = inflate.decompress(body, wire.BODY_MOST_BYTES + 1)
    except zlib.error:
        raise WireError("body: not gzip") from None
    if len(inflated) > wire.BODY_MOST_BYTES:
        raise WireError(f"body: larger than {wire.BODY_MOST_BYTES} bytes")
    if not inflate.eof or inflate.unused_data:
        raise WireError("body: gzip that is not whole")
    return inflated
