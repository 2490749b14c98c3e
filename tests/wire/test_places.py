from __future__ import annotations

import hashlib

import pytest

from device.errors import WireError
from device.model import Place
from device.wire.places import place_document, place_from, place_id_of

PLACE = Place("Chợ Quảng Ngãi", "market", "Quảng Ngãi", ward="Nghĩa Lộ")


def test_a_place_is_named_by_the_digest_of_its_canonical_document() -> None:
    document = (
        '{"district":"","kind":"market","location_qr":"","name":"Chợ Quảng Ngãi",'
        '"province":"Quảng Ngãi","ward":"Nghĩa Lộ"}'
    )
    assert place_document(PLACE) == document
    assert place_id_of(PLACE) == hashlib.sha256(document.encode()).hexdigest()[:16]


def test_a_document_read_back_is_the_place() -> None:
    assert place_from(place_document(PLACE)) == PLACE


def test_half_of_a_surrogate_pair_in_a_name_still_gives_a_document() -> None:
    place = Place("Ch\ud83d", "market", "Quảng Ngãi")
    assert place_from(place_document(place)).name == "Ch?"
    assert len(place_id_of(place)) == 16


@pytest.mark.parametrize(
    "document", ["", "[]", "{}", '{"name":"a"}', '{"name":1,"kind":"","province":""}', "[" * 99_999]
)
def test_a_document_that_is_no_place_is_refused(document: str) -> None:
    with pytest.raises(WireError):
        place_from(document)
