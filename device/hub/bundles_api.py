"""Bundles over HTTP: which there are, and each as it lies in its file (`device.catalogue`)."""

from __future__ import annotations

import logging
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from device import catalogue, wire
from device.catalogue import Catalogue, catalogue_of
from device.errors import ConfigurationError, WireError
from device.hub.bundles import HubBundles
from device.hub.contract import FETCH_BUNDLE, LIST_BUNDLES
from device.hub.senders import SignedBy, error_answer, signed_body, withdrawn

router: Final = APIRouter()
_NONE: Final = catalogue_of((), ())
_log = logging.getLogger(__name__)


def catalogue_now(bundles: HubBundles | None) -> Catalogue:
    """Return what there is; nothing, and a line in the log, when the folder cannot be used."""
    try:
        return _NONE if bundles is None else bundles.catalogue()
    except (ConfigurationError, OSError) as error:
        _log.error("event=bundles-unusable why=%r", str(error))
        return _NONE


@router.post(catalogue.PATH, **LIST_BUNDLES)
async def list_bundles(request: Request, sender: SignedBy) -> Response:
    """Tell a gate which bundles there are."""
    if sender.revocation is not None:
        return withdrawn(sender, sender.revocation)
    body = await signed_body(request, sender, catalogue.MOST_BYTES)
    try:
        catalogue.decode_question(body)
    except wire.UnknownContract as error:
        return error_answer(409, str(error))
    except WireError as error:
        return error_answer(422, str(error))
    bundles: HubBundles | None = request.app.state.bundles
    if bundles is None:
        raise HTTPException(503, "the bundles cannot be read")
    try:
        found = await run_in_threadpool(bundles.catalogue)
    except (ConfigurationError, OSError) as error:
        _log.error("event=bundles-unusable why=%r", str(error))
        raise HTTPException(503, "the bundles cannot be read") from None
    return Response(catalogue.encode_catalogue(found), media_type="application/json")


@router.post(catalogue.CONTENT_PATH, **FETCH_BUNDLE)
async def send_bundle(request: Request, sender: SignedBy) -> Response:
    """Send a gate one bundle, piece by piece."""
    if sender.revocation is not None:
        return withdrawn(sender, sender.revocation)
    body = await signed_body(request, sender, catalogue.MOST_BYTES)
    try:
        kind, version = catalogue.decode_wish(body)
    except wire.UnknownContract as error:
        return error_answer(409, str(error))
    except WireError as error:
        return error_answer(422, str(error))
    bundles: HubBundles | None = request.app.state.bundles
    found = None if bundles is None else await run_in_threadpool(bundles.open, kind, version)
    if found is None:
        raise HTTPException(404, "there is no such bundle any more: ask what there is")
    headers = {"Content-Length": str(found.size), "ETag": f'"{kind}-{version}"'}
    return StreamingResponse(found.pieces, headers=headers, media_type="application/octet-stream")
