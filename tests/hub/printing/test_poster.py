"""Posters as they come out of a printer: the code is read back by the gate's decoder, nothing lies over it."""

from __future__ import annotations

from datetime import date

import pytest

from device.credential import recognise
from device.decoder import stream_reader
from device.hub.printing.poster import PosterFacts, poster
from device.hub.printing.sheet import PAPERS
from device.hub.registry.payload import poster_payload
from device.model import CodeKind, Unrecognised
from tests.support.printed import DPI, code_mm, printed, words

POSTER_ID = "0123456789abcdef01234567"
URLS = (None, "https://hub.vn", f"https://{'very-long-name.' * 4}example.vn:8443/check-in")


def facts(url: str | None = None, name: str = "Trường THPT Hoa Phượng", number: int = 2) -> PosterFacts:
    payload = poster_payload(POSTER_ID, url)
    return PosterFacts(name, "Cổng sau, phố Đỗ Nhuận", number, date(2026, 11, 30), POSTER_ID, payload)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("url", URLS, ids=["apps", "short", "long"])
def test_the_gates_decoder_reads_the_code_of_a_printed_poster(paper: str, url: str | None) -> None:
    wanted = facts(url)
    plane = printed(poster(wanted, paper))
    read = stream_reader()
    assert any(wanted.payload in read(plane) for _ in range(4))
    least = {"a4": 150, "a5": 100, "a6": 68}[paper]
    assert code_mm(plane) >= least


@pytest.mark.parametrize("name", ["Chợ", "Trường Trung học phổ thông " * 7, "W" * 200, "Ẫ" * 200])
@pytest.mark.parametrize("paper", PAPERS)
def test_a_name_of_any_length_stays_above_the_code_and_on_the_paper(paper: str, name: str) -> None:
    plane = printed(poster(facts(name=name[:200].strip()), paper))
    read = stream_reader()
    assert any(facts().payload in read(plane) for _ in range(4))
    edge = DPI // 25
    assert min(plane[:edge].min(), plane[-edge:].min(), plane[:, :edge].min(), plane[:, -edge:].min()) > 200


def test_a_poster_says_whose_it_is_which_one_and_where_to_hang_it() -> None:
    content = poster(facts(), "a4")
    front, back = words(content), words(content, 1)
    assert "Trường THPT Hoa Phượng Cổng sau, phố Đỗ Nhuận" in front
    assert "Áp phích số 2 · ngày 30/11/2026 · 012345. Thay các tờ số nhỏ hơn." in front
    assert "It replaces every lower number" in front
    assert "replaces" not in words(poster(facts(number=1), "a4"))
    for told in ("130 cm", "cửa lùa", "chói", "Mỗi lối vào một tờ", "sliding door"):
        assert told in back


def test_the_same_poster_is_the_same_file() -> None:
    assert poster(facts(), "a5") == poster(facts(), "a5")


def test_without_an_address_for_people_a_gate_takes_the_code_for_a_poster_and_knows_its_id() -> None:
    claim = recognise(poster_payload(POSTER_ID, None))
    assert isinstance(claim, Unrecognised)
    assert (claim.kind, claim.venue_id) == (CodeKind.VENUE, POSTER_ID)
    assert poster_payload(POSTER_ID, "https://hub.vn/") == f"https://hub.vn/p/{POSTER_ID}".encode()
