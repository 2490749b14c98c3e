"""Enrolment over HTTP: the hub's side of `device.enrolment.pairing`."""

from __future__ import annotations

import logging
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from device.enrolment import pairing
from device.hub.api.routes import HELLO, PROOF
from device.hub.db.database import HubDatabase
from device.hub.db.enrolments import Refused
from device.hub.keyring.public_identity import PublicIdentity

router: Final = APIRouter()
_SAID: Final = {
    Refused.WRONG_PROOF: "the proof is wrong",
    Refused.ANOTHER_GATE: "this gate, or its key, is registered, and the code is not for it",
    Refused.SPENT: "no such code, or it is used up or expired",
}
log = logging.getLogger(__name__)


async def whole_body(request: Request, most_bytes: int) -> bytes:
    """Read a body of at most *most_bytes*; a larger one is refused before it is read whole."""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > most_bytes:
                raise HTTPException(413, f"the body is larger than {most_bytes} bytes")
    except ClientDisconnect:
        # Nobody hears this; left alone, each broken line would be a traceback in the log.
        raise HTTPException(400, "the body ended before it was whole") from None
    return bytes(body)


@router.post(pairing.HELLO_PATH, **HELLO)
async def greet(request: Request) -> Response:
    """Say who this hub claims to be, to a gate that has a code."""
    store, face = _parts(request)
    code_id = pairing.decode_question(await whole_body(request, pairing.MOST_BYTES))
    hello = await run_in_threadpool(store.greet, code_id, face)
    if hello is None:
        raise HTTPException(410, _SAID[Refused.SPENT])
    return Response(pairing.encode_hello(hello), media_type="application/json")


@router.post(pairing.PROOF_PATH, **PROOF)
async def admit(request: Request) -> Response:
    """Admit a gate that proves to know its code's secret, and prove the same to it."""
    store, face = _parts(request)
    applicant = pairing.decode_applicant(await whole_body(request, pairing.MOST_BYTES))
    result = await run_in_threadpool(store.admit, applicant, face)
    if isinstance(result, Refused):
        log.warning("event=enrolment-refused code=%s status=%d", applicant.code_id, result)
        raise HTTPException(int(result), _SAID[result])
    log.info("event=enrolled code=%s", applicant.code_id)
    return Response(pairing.encode_answer(result.granted, result.proof), media_type="application/json")


def _parts(request: Request) -> tuple[HubDatabase, PublicIdentity]:
    store, face = request.app.state.store, request.app.state.face
    assert isinstance(store, HubDatabase)
    assert isinstance(face, PublicIdentity)
    return store, face
