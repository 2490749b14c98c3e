"""Many places at the desk: a list is looked at first, and carried out as it was shown, or not at all."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from device.clock import utc_day
from device.hub.accounts.audit import page as audit_page
from device.hub.accounts.roles import AccountRole
from device.hub.registry.place import RegisteredPlace
from device.hub.registry.place_list import MOST_MISTAKES, read_places
from device.hub.web.place_imports import MOST_BYTES
from tests.hub.web.desk_thread import DeskThread
from tests.support.browser import FROM_HERE, Browser, Seen
from tests.support.databases import both_databases
from tests.support.desk_places import all_registered, given, registered

HEADER = "Mã cơ sở,Tên cơ sở,Loại hình,Tỉnh/Thành phố,Giờ mở cửa,Ghi chú"
SCHOOL = "S1,Trường Hoa Phượng,trường học,Hải Phòng,T2-T6 7h-17h,x"
MARKET = ",Chợ Mới,chợ,TP Hà Nội,,"


def written(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def technician(desk: DeskThread) -> Browser:
    return desk.logged_in("Anh Thợ", AccountRole.TECHNICIAN)


def looked(browser: Browser, content: bytes, name: str = "bảng.csv") -> Seen:
    return browser.send("/places/import", {}, {"file": (name, content)})


def figures(seen: Seen) -> list[str]:
    """Return how many are new, to change, as they are, and wrong."""
    return [part.partition("</dd>")[0] for part in seen.text.split("<dd>")[1:]]


def kept(desk: DeskThread) -> list[Path]:
    folder = desk.folder.path / "uploads"
    return sorted(folder.iterdir()) if folder.exists() else []


@both_databases
def test_a_list_is_shown_first_and_carried_out_when_somebody_says_so(desk: DeskThread) -> None:
    browser = technician(desk)
    registered(desk.store, RegisteredPlace("Trường Hoa Phượng", "Hải Phòng", code="S1"))
    seen = looked(browser, written(HEADER, SCHOOL, MARKET))
    assert (seen.status, figures(seen)) == (200, ["1", "1", "0", "0"])
    for told in ("bảng.csv sẽ thay đổi gì", "trường học", "T2-T6 07:00-17:00", "có phải là Hà Nội?", "Ghi chú"):
        assert told in seen.text
    assert list(all_registered(desk.store)) == ["Trường Hoa Phượng"]
    done = browser.post("/places/import/confirm", seen.form_fields())
    assert done.location == "/places?added=1&changed=1&unchanged=0"
    assert "đăng ký 1, sửa 1, giữ nguyên 0" in browser.get(done.location).text
    places = all_registered(desk.store)
    assert (places["Trường Hoa Phượng"].place.kind, "Chợ Mới" in places) == ("school", True)
    assert kept(desk) == []
    with desk.store.reading() as connection:
        assert audit_page(connection)[0].about == "added 1, changed 1, unchanged 0"
    again = looked(browser, written(HEADER, SCHOOL, MARKET))
    assert (figures(again), "Không có gì để làm" in again.text) == (["0", "0", "2", "0"], True)
    assert kept(desk) == []


def test_every_bad_line_is_named_with_what_to_do_and_nothing_can_be_carried_out(desk: DeskThread) -> None:
    browser = technician(desk)
    bad = (",,chợ,Hà Nội,,", "S3,Chợ,lâu đài,Hà Nội,lúc nào cũng mở,", SCHOOL, SCHOOL)
    seen = looked(browser, written(HEADER, *bad))
    assert (seen.status, figures(seen)[3]) == (422, "4")
    for told in ("để trống; hãy ghi vào", "không phải loại địa điểm", "trùng địa điểm ở dòng 4"):
        assert told in seen.text
    assert "confirm" not in seen.text
    assert (all_registered(desk.store), kept(desk)) == ({}, [])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "tiêu đề"),
        (b"nothing of use", "tiêu đề"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04 no workbook", "Excel"),
        (b"\xff\xfe\xfd" * 1000, ""),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence_about_the_file_as_it_was_called(
    desk: DeskThread, content: bytes, told: str
) -> None:
    seen = looked(technician(desk), content, "<b>tệp.xlsx")
    assert (seen.status, told in seen.text, "&lt;b&gt;tệp.xlsx" in seen.text) == (422, True, True)
    assert "/gate-hub-" not in seen.text


def test_a_form_without_a_file_asks_for_one(desk: DeskThread) -> None:
    browser = technician(desk)
    for files in ({}, {"file": ("", b"")}):
        seen = browser.send("/places/import", {}, files)
        assert (seen.status, "Hãy chọn tệp trước." in seen.text) == (422, True)


def test_what_has_changed_since_it_was_shown_is_shown_again_and_not_carried_out(desk: DeskThread) -> None:
    browser = technician(desk)
    seen = looked(browser, written(HEADER, SCHOOL, MARKET))
    registered(desk.store, RegisteredPlace("Chợ Mới", "TP Hà Nội"))
    again = browser.post("/places/import/confirm", seen.form_fields())
    assert (again.status, figures(again)) == (409, ["1", "1", "0", "0"])
    assert "Trường Hoa Phượng" not in all_registered(desk.store)
    assert browser.post("/places/import/confirm", again.form_fields()).status == 303
    assert len(all_registered(desk.store)) == 2


def test_a_list_waits_for_the_session_that_sent_it_an_hour_and_one_at_a_time(desk: DeskThread) -> None:
    browser, other = technician(desk), technician(desk)
    first = looked(browser, written(HEADER, SCHOOL))
    for fields in (first.form_fields(), {}, {"file": "../../hub.yaml"}, {"file": "0" * 64}):
        seen = other.post("/places/import/confirm", fields)
        assert (seen.status, "Tệp không còn ở đây" in seen.text) == (422, True)
    second = looked(browser, written(HEADER, MARKET))
    assert len(kept(desk)) == 1
    assert browser.post("/places/import/confirm", first.form_fields()).status == 422
    old = time.time() - 3_601
    os.utime(kept(desk)[0], (old, old))
    assert browser.post("/places/import/confirm", second.form_fields()).status == 422
    looked(other, written(HEADER, SCHOOL))
    assert len(kept(desk)) == 1
    assert all_registered(desk.store) == {}


def test_of_lists_that_nobody_confirms_a_few_stay(desk: DeskThread) -> None:
    for number in range(7):
        desk.clock.advance(60_000)  # so often may somebody log in
        looked(technician(desk), written(HEADER, f"S{number},Trường {number},trường học,Hải Phòng,,"))
    assert len(kept(desk)) == 4


def test_a_file_of_100_mb_is_refused_in_a_sentence_and_never_held(desk: DeskThread, tmp_path: Path) -> None:
    browser = technician(desk)
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "100000000", **FROM_HERE}
    headers["Connection"] = "keep-alive"  # as browsers have it: the hub reads on, and keeps nothing
    with path.open("rb") as file:
        seen = browser.ask("POST", "/places/import", file, headers)
    assert (seen.status, f"Tệp lớn hơn {MOST_BYTES >> 20} MB" in seen.text) == (413, True)
    assert kept(desk) == []


def test_who_is_not_logged_in_or_may_not_sends_no_file(desk: DeskThread) -> None:
    assert looked(desk.browser(), written(HEADER, SCHOOL)).location == "/log-in"
    assert looked(desk.logged_in("Lan Anh", AccountRole.OWNER), written(HEADER, SCHOOL)).status == 403
    browser = technician(desk)
    foreign = browser.send("/places/import", {}, {"file": ("a.csv", b"x")}, **{"Sec-Fetch-Site": "cross-site"})
    assert foreign.status == 403


def test_50_000_places_are_shown_and_carried_out_at_once(desk: DeskThread) -> None:
    browser = technician(desk)
    lines = [f"S{at},Trường số {at},trường học,Hải Phòng,T2-T6 7h-17h," for at in range(50_000)]
    seen = looked(browser, written(HEADER, *lines))
    assert figures(seen) == ["50.000", "0", "0", "0"]
    assert len(seen.body) < 100_000
    done = browser.post("/places/import/confirm", seen.form_fields())
    assert done.location == "/places?added=50000&changed=0&unchanged=0"
    assert "50.000 địa điểm" in browser.get("/places").text


def test_so_many_mistakes_that_reading_ends_fit_a_page(desk: DeskThread) -> None:
    seen = looked(technician(desk), written(HEADER, *[",,chợ,,,"] * (MOST_MISTAKES * 2)))
    assert (seen.status, len(seen.body) < 100_000) == (422, True)
    assert "dòng nữa" in seen.text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_taken_back_unchanged_and_no_cell_is_a_formula(
    desk: DeskThread, tmp_path: Path, kind: str
) -> None:
    registered(desk.store, RegisteredPlace("=cmd|' /C calc'!A0", "Hà Nội", kind="shop"), RegisteredPlace("Chợ", "Huế"))
    browser = technician(desk)
    seen = browser.get(f"/places/export.{kind}")
    assert seen.headers["Content-Disposition"].startswith("attachment; filename=")
    path = tmp_path / f"out.{kind}"
    path.write_bytes(seen.body)
    if kind == "csv":
        assert "'=cmd" in seen.text
    else:
        sheet = load_workbook(path).active
        assert sheet is not None
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert figures(looked(browser, seen.body, path.name)) == ["0", "0", "2", "0"]
    assert browser.get(f"/places/export.{kind}?q=ch").body != seen.body
    assert browser.get("/places/export.pdf").status == 404


def test_an_owner_exports_the_own_places_only(desk: DeskThread) -> None:
    account = desk.made("Lan Anh", AccountRole.OWNER)
    own, _ = registered(desk.store, RegisteredPlace("Chợ Mới", "Hà Nội"), RegisteredPlace("Chợ Cũ", "Hà Nội"))
    given(desk.store, account.account_id, [own])
    text = desk.logged_in("Lan Anh", AccountRole.OWNER).get("/places/export.csv").text
    assert ("Chợ Mới" in text, "Chợ Cũ" in text) == (True, False)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_blank_list_has_every_column_by_a_name_that_is_understood(
    desk: DeskThread, tmp_path: Path, kind: str, language: str
) -> None:
    browser = technician(desk)
    browser.post("/language", {"language": language, "back": "/"})
    content = browser.get(f"/places/blank.{kind}").body
    path = tmp_path / f"filled.{kind}"
    row = ["S1", "Chợ", "chợ", "Huế", "Phú Xuân", "1", "Ai", "0912345678", "", "", "Luật"]
    if kind == "csv":
        path.write_bytes(content + ",".join(row).encode())
    else:
        path.write_bytes(content)
        book: Workbook = load_workbook(io.BytesIO(content))
        assert book.active is not None
        book.active.append(row)
        book.save(path)
    found = read_places(path, utc_day(desk.store.now_ms()))
    assert (found.mistakes, found.columns, len(found.rows)) == ([], [], 1)
    assert len(found.rows[0].fields) == 11
