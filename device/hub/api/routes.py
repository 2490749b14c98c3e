"""OpenAPI description of each route, its request, answers and refusals; documents are in `device.hub.api.schemas`."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from device.hub.api.schemas import (
    ApplicantDocument,
    BatchDocument,
    BundleQuestion,
    CatalogueDocument,
    CatalogueQuestion,
    ErrorDocument,
    GrantDocument,
    HelloDocument,
    HelloQuestion,
    ReceiptDocument,
    RevocationDocument,
    StatusDocument,
    StatusQuestion,
    TimeDocument,
    TimeQuestion,
)
from device.hub.api.state_schemas import StateAnswerDocument, StateQuestion

_SIGNED: Final = (
    ("Content-Digest", "sha-256=:BASE64: of the body as sent (RFC 9530)"),
    (
        "Signature-Input",
        (
            'gate=("@method" "@authority" "@request-target" "content-encoding" "content-digest");keyid="DEVICE";'
            'alg="ed25519" (RFC 9421), exactly so'
        ),
    ),
    ("Signature", "gate=:BASE64: of the 64 bytes"),
)


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}


def _asks(model: type[BaseModel], parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    body = {"requestBody": {"required": True, "content": _schema(model)}}
    return body | ({"parameters": parameters} if parameters else {})


def _answers(good: type[BaseModel], **refusals: str) -> dict[int | str, dict[str, Any]]:
    """Describe the good answer, and refusals by status (``_410="why"``)."""
    answers: dict[int | str, dict[str, Any]] = {200: {"description": "Done", "content": _schema(good)}}
    for status, why in refusals.items():
        answers[int(status[1:])] = {"description": why, "content": _schema(ErrorDocument)}
    return answers


def _header(name: str, says: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": says, "schema": {"type": "string"}}


_GZIP: Final = {
    "name": "Content-Encoding",
    "in": "header",
    "required": True,
    "description": "the body is gzipped on the way",
    "schema": {"const": "gzip"},
}

TAKE_BATCH: Final[dict[str, Any]] = {
    "openapi_extra": _asks(BatchDocument, [_GZIP, *(_header(*header) for header in _SIGNED)]),
    "responses": _answers(
        ReceiptDocument,
        _401="not signed by a gate of this hub; the gate keeps everything and tries again",
        _409="another version of the contract",
        _413="too large: the gate sends less at a time",
        _415="not gzipped",
        _421="the hub has no such name",
        _422="it breaks the contract: the gate finds the row and parks it",
        _429="too many at once: the gate waits as Retry-After says",
        _503="not now",
    )
    | {
        403: {
            "description": "signed by the hub's root: this gate's key is withdrawn; anything else: as 401",
            "content": _schema(RevocationDocument),
        }
    },
}
ASK_STATUS: Final[dict[str, Any]] = {
    "openapi_extra": _asks(StatusQuestion, [_header(*header) for header in _SIGNED]),
    "responses": _answers(
        StatusDocument,
        _401="not signed by a gate of this hub",
        _409="another version of the contract",
        _413="too large",
        _421="the hub has no such name",
        _422="it breaks the contract",
        _429="too many questions: the gate waits as Retry-After says",
        _503="not now; the gate goes on without an answer",
    )
    | {403: {"description": "this gate's key is withdrawn", "content": _schema(RevocationDocument)}},
}
_FOR_A_GATE: Final = {
    "_401": "not signed by a gate of this hub",
    "_409": "another version of the contract",
    "_413": "too large",
    "_421": "the hub has no such name",
    "_422": "it breaks the contract",
    "_429": "too many at once: the gate waits as Retry-After says",
    "_503": "not now",
}
LIST_BUNDLES: Final[dict[str, Any]] = {
    "openapi_extra": _asks(CatalogueQuestion, [_header(*header) for header in _SIGNED]),
    "responses": _answers(CatalogueDocument, **_FOR_A_GATE)
    | {403: {"description": "this gate's key is withdrawn", "content": _schema(RevocationDocument)}},
}
FETCH_BUNDLE: Final[dict[str, Any]] = {
    "openapi_extra": _asks(BundleQuestion, [_header(*header) for header in _SIGNED]),
    "responses": _answers(ErrorDocument, _404="there is no such version any more", **_FOR_A_GATE)
    | {
        200: {
            "description": "The bundle, byte for byte as device/wire/bundle.py lays it out",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        },
        403: {"description": "this gate's key is withdrawn", "content": _schema(RevocationDocument)},
    },
}
ASK_TIME: Final[dict[str, Any]] = {
    "openapi_extra": _asks(TimeQuestion, [_header(*header) for header in _SIGNED]),
    "responses": _answers(TimeDocument, **_FOR_A_GATE)
    | {403: {"description": "this gate's key is withdrawn", "content": _schema(RevocationDocument)}},
}
TELL_STATE: Final[dict[str, Any]] = {
    "openapi_extra": _asks(StateQuestion, [_header(*header) for header in _SIGNED]),
    "responses": _answers(StateAnswerDocument, **_FOR_A_GATE)
    | {403: {"description": "this gate's key is withdrawn", "content": _schema(RevocationDocument)}},
}
HELLO: Final[dict[str, Any]] = {
    "openapi_extra": _asks(HelloQuestion),
    "responses": _answers(
        HelloDocument,
        _409="another version of the contract",
        _413="too large",
        _421="the hub has no such name",
        _422="it breaks the contract",
        _429="too many from this address: the gate waits as Retry-After says",
    ),
}
PROOF: Final[dict[str, Any]] = {
    "openapi_extra": _asks(ApplicantDocument),
    "responses": _answers(
        GrantDocument,
        _403="the proof is wrong: no such code, or it is used up, expired, or its secret is another",
        _409="the gate is registered, and the code is not for it; or another version of the contract",
        _413="too large",
        _421="the hub has no such name",
        _422="it breaks the contract",
        _429="too many from this address, or too many wrong proofs: the gate waits as Retry-After says",
        _503="the hub's clock is in doubt: the gate tries again",
    ),
}
OPERATOR: Final[dict[str, Any]] = {
    "openapi_extra": {"security": [{"operator": []}]},
    "responses": {
        401: {"description": "not the operator", "content": _schema(ErrorDocument)},
        422: {"description": "a parameter is not what it must be", "content": _schema(ErrorDocument)},
    },
}
