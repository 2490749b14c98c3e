"""What is printed for a place: the poster's code is read back from its PDF, an old one is told apart from a new one."""

from __future__ import annotations

import re
import time

import pytest
import segno

from device.decoder import stream_reader
from device.hub.accounts.roles import AccountRole
from device.hub.db.posters import Poster, posters_of
from device.hub.registry.payload import poster_payload
from device.hub.registry.place import RegisteredPlace
from device.hub.web.pictures import printed_picture_of
from device.hub.web.place_printing import MOST_ENTRANCES
from device.hub.web.rendering import STATIC
from tests.hub.web.desk_thread import DeskThread
from tests.support.browser import Browser
from tests.support.databases import both_databases
from tests.support.desk_places import registered
from tests.support.printed import code_mm, printed, words

GATE = "Cổng chính"
PLACE = RegisteredPlace(
    "Trường Hoa Phượng", "Hải Phòng", responsible="Nguyễn Văn Thử", phone="0912 345 678", legal_basis="Quyết định số 12"
)


def opened(desk: DeskThread, place: RegisteredPlace = PLACE) -> tuple[Browser, str, str]:
    """Return a browser, the id of a place, and the path of its page."""
    (record,) = registered(desk.store, place)
    return desk.logged_in("Anh Thợ", AccountRole.TECHNICIAN), record.place_id, f"/places/{record.place_id}"


def hanging(desk: DeskThread, place_id: str) -> list[Poster]:
    with desk.store.reading() as connection:
        return posters_of(connection, place_id)


@both_databases
def test_a_poster_is_made_replaced_and_told_apart_from_the_one_before(desk: DeskThread) -> None:
    browser, place_id, path = opened(desk)
    assert "Chưa có áp phích" in browser.get(path).text
    assert browser.post(f"{path}/posters", {"entrance": GATE}).location == f"{path}?done=poster#posters"
    (first,) = hanging(desk, place_id)
    seen = browser.post(f"{path}/posters", {"entrance": GATE})
    assert (seen.status, "đã có áp phích" in seen.text) == (422, True)
    assert browser.post(f"{path}/posters", {"entrance": GATE, "replace": "1"}).status == 303
    assert browser.post(f"{path}/posters", {"entrance": "Cổng sau", "replace": "1"}).status == 422
    old, new = hanging(desk, place_id)
    assert (old.poster_id, old.replaced_ms is None, new.number) == (first.poster_id, False, 2)
    page = browser.get(path).text
    assert "1 áp phích hết hiệu lực" in page
    assert f"<code>{old.poster_id[:6]}</code>" in page
    assert f"/posters/{new.poster_id}/a4.pdf" in page
    assert f"/posters/{old.poster_id}/" not in page
    assert browser.get(f"{path}/posters/{old.poster_id}/a4.pdf").status == 404
    assert "Thay các tờ số nhỏ hơn" in words(browser.get(f"{path}/posters/{new.poster_id}/a4.pdf").body)


@pytest.mark.parametrize("paper", ["a4", "a5", "a6"])
def test_the_gates_decoder_reads_the_code_of_a_downloaded_poster(desk: DeskThread, paper: str) -> None:
    browser, place_id, path = opened(desk)
    browser.post(f"{path}/posters", {"entrance": GATE})
    (made,) = hanging(desk, place_id)
    seen = browser.get(f"{path}/posters/{made.poster_id}/{paper}.pdf")
    assert seen.headers["Content-Type"] == "application/pdf"
    assert f'filename="poster-{made.poster_id[:6]}-1-{paper}.pdf"' in seen.headers["Content-Disposition"]
    plane = printed(seen.body)
    read = stream_reader()
    assert any(poster_payload(made.poster_id, None) in read(plane) for _ in range(4))
    assert code_mm(plane) >= {"a4": 150, "a5": 100, "a6": 68}[paper]


def test_a_poster_is_downloaded_within_a_tenth_of_a_second(desk: DeskThread) -> None:
    browser, place_id, path = opened(desk)
    browser.post(f"{path}/posters", {"entrance": GATE})
    link = f"{path}/posters/{hanging(desk, place_id)[0].poster_id}/a4.pdf"
    browser.get(link)
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        browser.get(link)
        taken.append(time.perf_counter() - began)
    assert min(taken) < 0.1


@pytest.mark.parametrize(
    ("paper", "size", "code"), [("a4", "A4", "155mm"), ("a5", "A5", "105mm"), ("a6", "A6", "72mm")]
)
def test_the_page_that_prints_has_the_paper_the_code_at_its_size_and_where_to_hang_it(
    desk: DeskThread, paper: str, size: str, code: str
) -> None:
    browser, place_id, path = opened(desk)
    browser.post(f"{path}/posters", {"entrance": GATE})
    (made,) = hanging(desk, place_id)
    page = browser.get(f"{path}/posters/{made.poster_id}/{paper}")
    assert str(printed_picture_of(poster_payload(made.poster_id, None))) in page.text
    sheets = [browser.get(link) for link in re.findall(r'href="(/static/[^"]+\.css[^"]*)"', page.text)]
    assert [seen.status for seen in sheets] == [200] * 3
    assert f"@page {{ size: {size}; margin: 0; }}" in sheets[2].text
    assert re.search(rf"\.{paper} {{ [^}}]*--code: {code};", sheets[1].text)
    for told in (
        "QUÉT MÃ KHI ĐẾN",
        "Trường Hoa Phượng",
        "Áp phích số 1 · ngày",
        made.poster_id[:6],
        "130 cm",
        "cửa lùa",
    ):
        assert told in page.text
    assert browser.get(f"{path}/posters/{made.poster_id}/a3").status == 404


def test_the_picture_of_a_page_has_the_modules_of_the_pdf() -> None:
    payload = poster_payload("0123456789ab" * 2, None)
    drawn = str(printed_picture_of(payload))
    count = len(segno.make_qr(payload, error="m", boost_error=True).matrix)
    assert f'viewBox="0 0 {count} {count}"' in drawn
    assert "width" not in drawn.partition(">")[0].replace("stroke-width", "")


def test_every_size_of_letters_of_a_poster_has_its_rule(desk: DeskThread) -> None:
    browser, place_id, path = opened(desk)
    browser.post(f"{path}/posters", {"entrance": GATE})
    page = browser.get(f"{path}/posters/{hanging(desk, place_id)[0].poster_id}/a4").text
    rules = (STATIC / "poster.css").read_text()
    assert [size for size in set(re.findall(r"size-\d+", page)) if f".{size} {{" not in rules] == []


@pytest.mark.parametrize("paper", ["a4", "a5", "a6"])
def test_sign_and_notice_are_downloaded_and_say_whom_to_ask(desk: DeskThread, paper: str) -> None:
    browser, _, path = opened(desk)
    for sheet in ("sign", "notice"):
        assert "Nguyễn Văn Thử, 0912 345 678" in words(browser.get(f"{path}/{sheet}/{paper}.pdf").body)
    assert "Quyết định số 12" in words(browser.get(f"{path}/notice/{paper}.pdf").body)
    assert browser.get(f"{path}/poster/{paper}.pdf").status == 404
    assert browser.get(f"{path}/sign/a3.pdf").status == 404


def test_a_sign_that_would_tell_nobody_to_ask_is_not_printed_and_the_page_says_what_to_write(desk: DeskThread) -> None:
    browser, _, path = opened(desk, RegisteredPlace("Chợ", "Huế"))
    page = browser.get(path).text
    assert page.count("chưa có người để hỏi") == 2
    assert "/sign/a4.pdf" not in page
    for sheet in ("sign", "notice"):
        seen = browser.get(f"{path}/{sheet}/a4.pdf")
        assert (seen.status, "chưa có người để hỏi" in seen.text) == (422, True)


def test_a_place_out_of_use_gets_no_poster_and_an_entrance_needs_a_name(desk: DeskThread) -> None:
    browser, place_id, path = opened(desk)
    for entrance in ("", "x" * 201, "a\u202eb"):
        assert browser.post(f"{path}/posters", {"entrance": entrance}).status == 422
    browser.post(f"{path}/archive")
    seen = browser.post(f"{path}/posters", {"entrance": GATE})
    assert (seen.status, "ngừng dùng" in seen.text) == (422, True)
    assert hanging(desk, place_id) == []


def test_a_place_has_a_bounded_number_of_entrances(desk: DeskThread) -> None:
    browser, place_id, path = opened(desk)
    statuses = [
        browser.post(f"{path}/posters", {"entrance": f"Cổng {number}"}).status for number in range(MOST_ENTRANCES)
    ]
    assert set(statuses) == {303}
    assert browser.post(f"{path}/posters", {"entrance": "Cổng nữa"}).status == 422
    assert browser.post(f"{path}/posters", {"entrance": "Cổng 0", "replace": "1"}).status == 303
    assert len(hanging(desk, place_id)) == MOST_ENTRANCES + 1
    assert len(browser.get(path).body) < 400_000


def test_a_poster_of_another_place_is_not_found_under_this_one(desk: DeskThread) -> None:
    browser, place_id, path = opened(desk)
    (other,) = registered(desk.store, RegisteredPlace("Chợ", "Huế"))
    browser.post(f"{path}/posters", {"entrance": GATE})
    (made,) = hanging(desk, place_id)
    for odd in (
        f"/places/{other.place_id}/posters/{made.poster_id}/a4.pdf",
        f"{path}/posters/%00/a4",
        f"{path}/posters/x/a4",
    ):
        assert browser.get(odd).status == 404
