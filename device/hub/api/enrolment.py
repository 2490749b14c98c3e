"""``POST /v1/enrolment/…``: the hub's side of `device.enrolment.pairing`.

Anybody may ask, so nothing here tells whether a code exists to somebody who does not know its secret, and nobody can
use a code up by being wrong: each address is held to a pace instead.
"""

from __future__ import annotations

import logging
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool

from device.clock import Clock
from device.enrolment import pairing
from device.hub.api.auth import Identity, Store, check_called, whole_body
from device.hub.api.rate_limit import RateLimit, network_of
from device.hub.api.routes import HELLO, PROOF
from device.hub.db.enrolments import Refused
from device.hub.keyring.public_identity import PublicIdentity
from device.hub.paced_log import PacedLog

router: Final = APIRouter()
MOST_OF_AN_ADDRESS: Final = 120
"""Requests in a minute: sixty gates that stand behind one address and are enrolled at once."""
MOST_WRONG: Final = 5
"""Wrong proofs for one code in a minute from one address: a person who mistypes.

There is no number for all addresses: whoever has some would keep every gate out with it. What a hub can compute in the
15 minutes of a code, some hundred thousand, is nothing beside sixty bits."""
_REFUSALS: Final = {
    Refused.NOT_PROVED: "no such code, or it is used up, expired, or its secret is another",
    Refused.ANOTHER_GATE: "this gate, or its key, is registered, and the code is not for it",
}
log = logging.getLogger(__name__)


class Pace:
    """How quickly enrolment may be asked for. Used on the server's one thread.

    Args:
        clock: for the minute.
    """

    def __init__(self, clock: Clock) -> None:
        self._requests = RateLimit(clock, MOST_OF_AN_ADDRESS)
        self._wrong = RateLimit(clock, MOST_WRONG)

    def check(self, address: str) -> None:
        """Take in a request. Raises `HTTPException` 429."""
        self._refuse_for(self._requests.wait_s(address))

    def check_proof(self, address: str, code_id: str) -> None:
        """Refuse a proof after too many wrong ones. Raises `HTTPException` 429."""
        self._refuse_for(self._wrong.full_for_s(f"{address} {code_id}"))

    def note_wrong(self, address: str, code_id: str) -> None:
        """Count a wrong proof."""
        self._wrong.wait_s(f"{address} {code_id}")

    @staticmethod
    def _refuse_for(wait_s: int) -> None:
        if wait_s:
            raise HTTPException(429, "too many at once from this address", {"Retry-After": str(wait_s)})


@router.post(pairing.HELLO_PATH, **HELLO)
async def answer_hello(request: Request, identity: Identity) -> Response:
    """Say who this hub claims to be, to a gate that says it has a code; no code is looked up.

    A gate that calls it by another name is told at once: enrolled, it would be refused at everything else.
    """
    pace_of(request).check(_address(request))
    check_called(request, identity)
    _check_enrols(identity)
    code_id = pairing.decode_question(await whole_body(request, pairing.QUESTION_MOST_BYTES))
    hello = await run_in_threadpool(identity.hello, code_id)
    return Response(pairing.encode_hello(hello), media_type="application/json")


@router.post(pairing.PROOF_PATH, **PROOF)
async def answer_proof(request: Request, store: Store, identity: Identity) -> Response:
    """Admit a gate that proves to know its code's secret, and prove the same to it."""
    pace, address = pace_of(request), _address(request)
    pace.check(address)
    check_called(request, identity)
    _check_enrols(identity)
    applicant = pairing.decode_applicant(await whole_body(request, pairing.QUESTION_MOST_BYTES))
    if store.clock.now().off_ms is not None:  # the answer would tell the gate the time
        raise HTTPException(503, "the hub's clock is in doubt")
    pace.check_proof(address, applicant.code_id)
    result = await run_in_threadpool(store.enrol, applicant, identity)
    if isinstance(result, Refused):
        if result is Refused.NOT_PROVED:
            pace.note_wrong(address, applicant.code_id)
        paced: PacedLog = request.app.state.log
        paced.note(f"enrolment-refused-{result:d}")
        raise HTTPException(int(result), _REFUSALS[result])
    log.info("event=enrolled code=%s", applicant.code_id)
    return Response(pairing.encode_answer(result.granted, result.proof), media_type="application/json")


def _check_enrols(identity: PublicIdentity) -> None:
    """Refuse where there is no root to enrol with; raises `HTTPException` 503, as at another time."""
    if identity.sign is None:
        raise HTTPException(503, "this host enrols no gates; the desk does")


def pace_of(request: Request) -> Pace:
    """Return the application's pace of enrolment."""
    pace = request.app.state.enrolment_pace
    assert isinstance(pace, Pace)
    return pace


def _address(request: Request) -> str:
    return network_of(request.client.host if request.client else "")
