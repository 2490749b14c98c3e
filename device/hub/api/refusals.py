"""What a hub answers to what goes wrong: in words of ours, with no byte of what was sent."""

from __future__ import annotations

import logging
from typing import Final

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException as AnyHTTPException

from device.hub.api.auth import error_answer
from device.hub.db.problems import database_problem
from device.hub.paced_log import PacedLog

_BUSY_S: Final = 5
log = logging.getLogger(__name__)


def refuse(_: Request, error: Exception) -> Response:
    """Answer with an error's own status, the router's 404 and 405 too."""
    assert isinstance(error, AnyHTTPException)
    return error_answer(error.status_code, str(error.detail), dict(error.headers or {}))


def refuse_parameters(_: Request, __: Exception) -> Response:
    """Answer 422."""
    # FastAPI's own answer repeats what was sent.
    return JSONResponse({"error": "a parameter is not what it must be: after from 0, limit from 1"}, 422)


def refuse_version(_: Request, error: Exception) -> Response:
    """Answer 409: another version of the contract."""
    return error_answer(409, str(error))


def refuse_content(request: Request, error: Exception) -> Response:
    """Answer 422, and tell the operator now and then which gate breaks the contract."""
    sender = getattr(request.state, "sender", None)
    paced: PacedLog = request.app.state.log
    if sender and (left_out := paced.left_out(f"request-refused {sender}")) is not None:
        path, reason = request.url.path, str(error)
        log.warning("event=request-refused device=%s path=%s reason=%r left_out=%d", sender, path, reason, left_out)
    return error_answer(422, str(error))


def refuse_for_now(request: Request, error: Exception) -> Response:
    """Answer 503: the gate keeps what it has; the operator is told now and then what is wrong with the database."""
    assert isinstance(error, SQLAlchemyError)
    request.app.state.numbers.note_database_error()
    paced: PacedLog = request.app.state.log
    if (left_out := paced.left_out("database-failed")) is not None:
        reason = database_problem(error, request.app.state.store.folder)
        log.error("event=database-failed reason=%r left_out=%d", reason, left_out)
    return error_answer(503, "the database does not answer", {"Retry-After": str(_BUSY_S)})
