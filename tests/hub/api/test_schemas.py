"""The OpenAPI document says what the code does, and the examples made by hand fit both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from device.enrolment import pairing
from device.errors import WireError
from device.hub.api import schemas as contract
from device.hub.api.openapi import document, text
from device.hub.api.state_schemas import StateAnswerDocument, StateQuestion
from device.wire import catalogue, state
from device.wire import checkins as wire
from device.wire import status as question
from device.wire import time as hub_time
from device.wire.revocation import decode_revocation

GOLDEN = Path(__file__).parents[2] / "golden" / "wire"
FILE = Path(__file__).parents[3] / "config" / "central-api.yaml"
EXAMPLES: list[tuple[str, type[BaseModel], Any]] = [
    ("batch.json", contract.BatchDocument, wire.decode_batch),
    ("receipt.json", contract.ReceiptDocument, wire.decode_receipt),
    ("revoked.json", contract.RevocationDocument, decode_revocation),
    ("catalogue-question.json", contract.CatalogueQuestion, catalogue.decode_question),
    ("catalogue.json", contract.CatalogueDocument, catalogue.decode_catalogue),
    ("bundle-question.json", contract.BundleQuestion, catalogue.decode_bundle_request),
    ("time-question.json", contract.TimeQuestion, hub_time.decode_question),
    ("status-question.json", contract.StatusQuestion, question.decode_question),
    ("status.json", contract.StatusDocument, question.decode_status),
    ("state.json", StateQuestion, state.decode_state),
    ("state-answer.json", StateAnswerDocument, state.decode_answer),
    ("hello-question.json", contract.HelloQuestion, pairing.decode_question),
    ("hello.json", contract.HelloDocument, pairing.decode_hello),
    ("proof-question.json", contract.ApplicantDocument, pairing.decode_applicant),
    ("proof.json", contract.GrantDocument, pairing.decode_answer),
]


def test_the_file_is_the_one_the_application_generates() -> None:
    assert FILE.read_text("utf-8") == text(), "stale: python -m device.hub.api.openapi > config/central-api.yaml"


def test_the_file_names_every_route_and_every_schema_it_refers_to() -> None:
    read = yaml.safe_load(FILE.read_text("utf-8"))
    assert set(read["paths"]) == {
        "/v1/checkins",
        "/v1/count",
        "/v1/health",
        question.PATH,
        catalogue.PATH,
        catalogue.CONTENT_PATH,
        hub_time.PATH,
        state.PATH,
        pairing.HELLO_PATH,
        pairing.PROOF_PATH,
    }
    found = set(read["components"]["schemas"])
    wanted = {ref.rsplit("/", 1)[1] for ref in references(document())}
    assert wanted <= found
    assert {model.__name__ for model in contract.MODELS} <= wanted


def test_every_document_has_an_example_made_by_hand() -> None:
    # Errors have no example; an answer without a time is no error (tests/wire/test_time.py reads the example).
    elsewhere = {contract.ErrorDocument, contract.TimeDocument}
    assert {model for _, model, _ in EXAMPLES} == set(contract.MODELS) - elsewhere


def references(part: Any) -> set[str]:  # noqa: ANN401 - any JSON
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in part.values()))
    return set().union(*(references(inner) for inner in part)) if isinstance(part, list) else set()


@pytest.mark.parametrize(("name", "model", "read"), EXAMPLES, ids=lambda value: value if isinstance(value, str) else "")
def test_an_example_fits_the_reader_and_the_schema(name: str, model: type[BaseModel], read: Any) -> None:  # noqa: ANN401
    body = (GOLDEN / name).read_bytes()
    read(body.rstrip(b"\n"))
    model.model_validate_json(body)


@pytest.mark.parametrize(("name", "model", "read"), EXAMPLES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_field_less_fits_neither(name: str, model: type[BaseModel], read: Any) -> None:  # noqa: ANN401
    whole = json.loads((GOLDEN / name).read_bytes())
    for field in whole:
        less = json.dumps({key: value for key, value in whole.items() if key != field}).encode()
        with pytest.raises(WireError):
            read(less)
        with pytest.raises(ValidationError):
            model.model_validate_json(less)
