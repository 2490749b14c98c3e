"""The list of bundles on the wire: read strictly, and open for kinds and fields of a newer centre."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import WireError
from device.wire import catalogue
from device.wire import checkins as wire
from device.wire.bundle import BundleKind
from device.wire.catalogue import Offer, catalogue_of
from tests.support.golden_bundles import POLICY
from tests.support.golden_catalogue import GOLDEN, LISTED, OFFERS, SAID


def golden(name: str) -> bytes:
    return (GOLDEN / f"{name}.json").read_bytes().strip()


def test_the_examples_made_by_hand_are_written_and_read() -> None:
    assert catalogue.encode_question() == golden("catalogue-question")
    catalogue.decode_question(golden("catalogue-question"))
    assert catalogue.encode_catalogue(SAID) == LISTED
    assert catalogue.decode_catalogue(LISTED) == SAID
    assert catalogue.encode_bundle_request(OFFERS[0]) == golden("bundle-question")
    assert catalogue.decode_bundle_request(golden("bundle-question")) == (BundleKind.POLICY, 7)


def test_the_mark_changes_with_anything_that_is_listed() -> None:
    others = [
        catalogue_of(OFFERS[:1], SAID.succession),
        catalogue_of(OFFERS, ()),
        catalogue_of([Offer(BundleKind.POLICY, 8, len(POLICY)), OFFERS[1]], SAID.succession),
    ]
    assert len({SAID.etag, *(other.etag for other in others)}) == 4
    assert catalogue_of(OFFERS, SAID.succession).etag == SAID.etag


def test_kinds_and_fields_of_a_newer_centre_are_passed_over() -> None:
    found = json.loads(LISTED)
    found["more"] = 1
    found["bundles"] += [{"kind": "weather", "version": "x"}]
    found["bundles"][0]["more"] = 1
    assert catalogue.decode_catalogue(json.dumps(found).encode()) == SAID


@pytest.mark.parametrize(
    "change",
    [
        {"contract": "gate/2"},
        {"mark": "x"},
        {"mark": None},
        {"bundles": {}},
        {"bundles": [{"kind": "policy", "version": 7, "bytes": 100}] * 2},
        {"bundles": [{"kind": "policy", "version": 7, "bytes": 100}] * 65},
        {"bundles": [{"kind": [], "version": 7, "bytes": 100}]},
        {"bundles": [{"kind": "policy", "version": 0, "bytes": 100}]},
        {"bundles": [{"kind": "policy", "version": 7, "bytes": 10}]},
        {"bundles": [{"kind": "policy", "version": 7, "bytes": 10**16}]},
        {"bundles": [{"kind": "policy", "version": 7.5, "bytes": 100}]},
        {"bundles": ["policy"]},
        {"succession": "AAAA"},
        {"succession": ["AAAA"] * 17},
        {"succession": ["?"]},
        {"succession": ["A" * 4000]},
    ],
)
def test_a_catalogue_that_breaks_the_contract_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(WireError):
        catalogue.decode_catalogue(json.dumps(json.loads(LISTED) | change).encode())


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for decode in (catalogue.decode_catalogue, catalogue.decode_question, catalogue.decode_bundle_request):
        with pytest.raises(WireError):
            decode(body)


def test_a_receipt_may_carry_the_catalogues_etag_and_settles_the_same_with_it() -> None:
    receipt = wire.decode_receipt(golden("receipt"))
    assert receipt.etag == ""
    marked = wire.decode_receipt(json.dumps(json.loads(golden("receipt")) | {"bundles": SAID.etag}).encode())
    assert (marked, marked.etag) == (receipt, SAID.etag)
    assert wire.decode_receipt(wire.encode_receipt(marked)).etag == SAID.etag
    with pytest.raises(WireError, match="bundles"):
        wire.decode_receipt(json.dumps(json.loads(golden("receipt")) | {"bundles": 5}).encode())


def test_an_offer_knows_when_it_is_larger_than_any_of_its_kind() -> None:
    assert not OFFERS[0].too_large
    assert Offer(BundleKind.POLICY, 7, 300_000).too_large
    assert not Offer(BundleKind.WATCH_LIST, 7, 300_000).too_large
