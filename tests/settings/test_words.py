"""Mistakes of a file in the language of who reads them: the same places, and no sentence in English."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.errors import Complaint, Complaints
from device.settings.load import parse, parse_policy
from device.words import Language, speaking

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "complaints").glob("*.yaml"))
POLICY = """\
version: a
valid_from: tomorrow
time_zone: +7
accept: [citizen-card, citizen-card]
hours: [{days: [mon, mon], from: "24:00", to: "8"}, {from: "07:00", to: "07:00"}]
status: {kinds: [national-code]}
certificates:
  diseases: [covid]
  signer_countries: [vn]
  one_dose_products: ["a b"]
  grant: {}
  refer: {vaccination: {doses: 2, min_days: 9, max_days: 3}, test: {}}
"""


def complaints(text: str, language: Language, *, policy: bool) -> tuple[Complaint, ...]:
    with speaking(language), pytest.raises(Complaints) as caught:
        parse_policy(text) if policy else parse(text)
    return caught.value.complaints


@pytest.mark.parametrize(
    "text", [POLICY, *(path.read_text("utf-8") for path in GOLDEN)], ids=["policy", *(path.stem for path in GOLDEN)]
)
def test_every_mistake_is_told_in_vietnamese_at_the_same_place(text: str) -> None:
    english, vietnamese = (complaints(text, language, policy=text is POLICY) for language in Language)
    places = [{(one.line, one.column, one.key) for one in found} for found in (english, vietnamese)]
    assert places[0] == places[1]
    assert len(english) == len(vietnamese)
    assert {one.message for one in english} & {one.message for one in vietnamese} == set()
    assert [one.message for one in vietnamese if one.message.isascii()] == []


def test_a_closed_without_hours_is_told_in_vietnamese() -> None:
    (one,) = complaints("version: a\nvalid_from: 2021-10-07\nclosed: deny\n", Language.VIETNAMESE, policy=True)
    assert str(one) == "policy.yaml:3:1: closed: không có hours thì dòng này vô nghĩa; viết hours, hoặc xoá dòng"
