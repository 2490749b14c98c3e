"""What a hub tells its operator (``GET /v1/count``, ``GET /v1/checkins``) and anybody (``GET /v1/health``)."""

from __future__ import annotations

import hmac
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from device.crypto.secret import Secret
from device.hub.api.auth import Store
from device.hub.api.routes import OPERATOR
from device.hub.db.arrived_rows import LIST_MOST
from device.hub.db.queries import arrived_document
from device.wire.checkins import CONTRACT

_MOST_INT: Final = 2**53 - 1
router = APIRouter(prefix="/v1")


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise HTTPException(401, "a bearer token is needed")
    return token


def _operator(request: Request, token: Annotated[str, Depends(_bearer)]) -> None:
    expected: Secret = request.app.state.operator_token
    if not hmac.compare_digest(token.encode("utf-8", "replace"), expected.reveal().encode()):
        raise HTTPException(401, "not the operator's token")


@router.get("/count", dependencies=[Depends(_operator)], **OPERATOR)
def count(store: Store) -> dict[str, int]:
    """Count what arrived."""
    return store.count()


@router.get("/checkins", dependencies=[Depends(_operator)], **OPERATOR)
def list_checkins(
    store: Store,
    after: Annotated[int, Query(ge=0, le=_MOST_INT)] = 0,
    limit: Annotated[int, Query(ge=1, le=LIST_MOST)] = 100,
) -> dict[str, Any]:
    """List what arrived, sealed, in the order of arrival; go on with ``after`` set to ``next``."""
    page = store.checkins(after, limit)
    return {"checkins": [arrived_document(arrived) for arrived in page], "next": page[-1].arrival if page else None}


@router.get("/health")
def health(store: Store) -> dict[str, str]:
    """Say that the hub and its database answer, and whether its clock is in doubt."""
    store.check()
    clock = "doubted" if store.clock.now().off_ms is not None else "believed"
    return {"contract": CONTRACT, "status": "ok", "clock": clock}
