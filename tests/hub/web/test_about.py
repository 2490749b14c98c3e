"""The page about the hub: what is off because no phone trusts it, and what is on."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.hub.accounts.roles import AccountRole
from device.hub.settings.load import parse_settings
from tests.hub.web.desk_thread import DeskThread

PROXY = "people: {url: 'https://hub.vn', listen: '127.0.0.1:8444', behind_proxy: {address: 127.0.0.1}}"
FILES = "people: {url: 'https://hub.vn', listen: '127.0.0.1:8444', certificate: none.pem, key: none.key}"


@pytest.mark.parametrize(
    ("people", "told", "is_off"),
    [
        ("", "chưa có địa chỉ mà điện thoại tin cậy: hub.yaml không có people.url", True),
        (PROXY, "https://hub.vn, qua proxy ở 127.0.0.1", False),
        (FILES, "https://hub.vn: điện thoại không mở được: ", True),
    ],
)
def test_it_says_how_phones_reach_the_hub_and_what_stays_off(
    desk: DeskThread, tmp_path: Path, people: str, told: str, *, is_off: bool
) -> None:
    desk.desk.settings = parse_settings(f"names: [a.vn]\n{people}", folder=tmp_path)[0]
    page = desk.logged_in("Kỹ thuật", AccountRole.TECHNICIAN).get("/about").text
    assert told in page
    assert told not in desk.logged_in("Lan Anh", AccountRole.OWNER).get("/about").text
    assert ("Tự khai báo, trang dùng máy ảnh" in page) is is_off
