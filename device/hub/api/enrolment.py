"""``POST /v1/enrolment/…``: the hub's side of `device.enrolment.pairing`."""

from __future__ import annotations

import logging
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool

from device.enrolment import pairing
from device.hub.api.auth import Identity, Store, whole_body
from device.hub.api.routes import HELLO, PROOF
from device.hub.db.enrolments import Refused

router: Final = APIRouter()
_REFUSALS: Final = {
    Refused.WRONG_PROOF: "the proof is wrong",
    Refused.ANOTHER_GATE: "this gate, or its key, is registered, and the code is not for it",
    Refused.SPENT: "no such code, or it is used up or expired",
}
log = logging.getLogger(__name__)


@router.post(pairing.HELLO_PATH, **HELLO)
async def answer_hello(request: Request, store: Store, identity: Identity) -> Response:
    """Say who this hub claims to be, to a gate that has a code."""
    code_id = pairing.decode_question(await whole_body(request, pairing.MOST_BYTES))
    hello = await run_in_threadpool(store.answer_hello, code_id, identity)
    if hello is None:
        raise HTTPException(410, _REFUSALS[Refused.SPENT])
    return Response(pairing.encode_hello(hello), media_type="application/json")


@router.post(pairing.PROOF_PATH, **PROOF)
async def answer_proof(request: Request, store: Store, identity: Identity) -> Response:
    """Admit a gate that proves to know its code's secret, and prove the same to it."""
    applicant = pairing.decode_applicant(await whole_body(request, pairing.MOST_BYTES))
    if store.clock.now().off_ms is not None:  # the answer would tell the gate the time
        raise HTTPException(503, "the hub's clock is in doubt")
    result = await run_in_threadpool(store.enrol, applicant, identity)
    if isinstance(result, Refused):
        log.warning("event=enrolment-refused code=%s status=%d", applicant.code_id, result)
        raise HTTPException(int(result), _REFUSALS[result])
    log.info("event=enrolled code=%s", applicant.code_id)
    return Response(pairing.encode_answer(result.granted, result.proof), media_type="application/json")
