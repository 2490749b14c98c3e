"""``POST /v1/bundles``: the catalogue of bundles, and the download of one (`device.wire.catalogue`)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from device.errors import ConfigurationError
from device.hub.api.auth import SignedBy, connection_of, revocation_answer, signed_body, store_of
from device.hub.api.concurrency import InProgress
from device.hub.api.routes import FETCH_BUNDLE, LIST_BUNDLES
from device.hub.db.list_alarms import raise_list_alarm
from device.hub.list_fetches import ListFetches
from device.hub.paced_log import PacedLog
from device.hub.publishing.store import Published, PublishedBundles
from device.wire import catalogue
from device.wire.bundle import PEOPLE_LISTS
from device.wire.catalogue import Catalogue, catalogue_of

router: Final = APIRouter()
_NONE: Final = catalogue_of((), ())
log = logging.getLogger(__name__)


def catalogue_now(bundles: PublishedBundles | None, device_id: str, paced: PacedLog) -> Catalogue:
    """Return what there is for a gate; nothing, and a line in the log, when the folder cannot be used."""
    try:
        return _NONE if bundles is None else bundles.catalogue(device_id)
    except (ConfigurationError, OSError) as error:
        _tell_unusable(error, paced)
        return _NONE


def _tell_unusable(error: Exception, paced: PacedLog) -> None:
    if (left_out := paced.left_out("bundles-unusable")) is not None:
        log.error("event=bundles-unusable reason=%r left_out=%d", str(error), left_out)


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
        found = await run_in_threadpool(bundles.catalogue, sender.device_id)
    except (ConfigurationError, OSError) as error:
        _tell_unusable(error, request.app.state.log)
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
    found = None if bundles is None else await run_in_threadpool(bundles.open, kind, version, sender.device_id)
    if found is None:
        raise HTTPException(404, "there is no such bundle any more: ask what there is")
    return _Download(found, request, sender.device_id)


class _Download(StreamingResponse):
    """Sends a bundle; counts as active, and has its file open, until the last byte is sent or the gate has gone."""

    def __init__(self, published: Published, request: Request, device_id: str) -> None:
        head = published.head
        headers = {"Content-Length": str(published.size), "ETag": f'"{head.kind}-{head.version}"'}
        super().__init__(self._pieces(), headers=headers, media_type="application/octet-stream")
        self._published = published
        self._request = request
        self._device_id = device_id
        self._whole = False

    def _pieces(self) -> Iterator[bytes]:
        yield from self._published.pieces()
        self._whole = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        downloads: InProgress = self._request.app.state.downloads
        try:
            with downloads.one_of(self._device_id, connection_of(self._request)):
                await super().__call__(scope, receive, send)
        finally:
            self._published.file.close()
        head = self._published.head
        if self._whole and head.kind in PEOPLE_LISTS:
            fetches: ListFetches = self._request.app.state.list_fetches
            address = self._request.client.host if self._request.client else ""
            if fetches.is_out_of_turn(self._device_id, head.kind, head.version, address):
                store = store_of(self._request)
                await run_in_threadpool(raise_list_alarm, store, self._device_id, head.kind, head.version)
