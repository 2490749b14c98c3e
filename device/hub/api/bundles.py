"""``POST /v1/bundles``: the catalogue of bundles, and the download of one (`device.wire.catalogue`)."""

from __future__ import annotations

import logging
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from device.errors import ConfigurationError
from device.hub.api.auth import SignedBy, connection_of, revocation_answer, signed_body
from device.hub.api.concurrency import InProgress
from device.hub.api.routes import FETCH_BUNDLE, LIST_BUNDLES
from device.hub.connections import Connection
from device.hub.publishing.store import Published, PublishedBundles
from device.wire import catalogue
from device.wire.catalogue import Catalogue, catalogue_of

router: Final = APIRouter()
_NONE: Final = catalogue_of((), ())
log = logging.getLogger(__name__)


def catalogue_now(bundles: PublishedBundles | None) -> Catalogue:
    """Return what there is; nothing, and a line in the log, when the folder cannot be used."""
    try:
        return _NONE if bundles is None else bundles.catalogue()
    except (ConfigurationError, OSError) as error:
        log.error("event=bundles-unusable reason=%r", str(error))  # noqa: TRY400 - the reason says all
        return _NONE


@router.post(catalogue.PATH, **LIST_BUNDLES)
async def list_bundles(request: Request, sender: SignedBy) -> Response:
    """Tell a gate which bundles there are."""
    if sender.revocation is not None:
        return revocation_answer(sender, sender.revocation)
    body = await signed_body(request, sender, catalogue.MOST_BYTES)
    catalogue.decode_question(body)
    bundles: PublishedBundles | None = request.app.state.bundles
    if bundles is None:
        raise HTTPException(503, "the bundles cannot be read")
    try:
        found = await run_in_threadpool(bundles.catalogue)
    except (ConfigurationError, OSError) as error:
        log.error("event=bundles-unusable reason=%r", str(error))  # noqa: TRY400 - the reason says all
        raise HTTPException(503, "the bundles cannot be read") from None
    return Response(catalogue.encode_catalogue(found), media_type="application/json")


@router.post(catalogue.CONTENT_PATH, **FETCH_BUNDLE)
async def send_bundle(request: Request, sender: SignedBy) -> Response:
    """Send a gate one bundle, piece by piece."""
    if sender.revocation is not None:
        return revocation_answer(sender, sender.revocation)
    body = await signed_body(request, sender, catalogue.MOST_BYTES)
    kind, version = catalogue.decode_bundle_request(body)
    bundles: PublishedBundles | None = request.app.state.bundles
    found = None if bundles is None else await run_in_threadpool(bundles.open, kind, version)
    if found is None:
        raise HTTPException(404, "there is no such bundle any more: ask what there is")
    return _Download(found, request.app.state.downloads, sender.device_id, connection_of(request))


class _Download(StreamingResponse):
    """Sends a bundle; counts as active, and has its file open, until the last byte is sent or the gate has gone."""

    def __init__(self, published: Published, downloads: InProgress, device_id: str, connection: Connection) -> None:
        head = published.head
        headers = {"Content-Length": str(published.size), "ETag": f'"{head.kind}-{head.version}"'}
        super().__init__(published.pieces(), headers=headers, media_type="application/octet-stream")
        self._published = published
        self._downloads = downloads
        self._asked = (device_id, connection)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._downloads.one_of(*self._asked):
                await super().__call__(scope, receive, send)
        finally:
            self._published.file.close()
