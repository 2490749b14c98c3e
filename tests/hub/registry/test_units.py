"""The 34 provinces as dated data, and communes from a file."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from device.errors import ConfigurationError
from device.hub.db.database import HubDatabase
from device.hub.registry.units import communes, nearest_province, provinces, read_communes, replace_communes
from tests.support.databases import both_databases

TODAY = date(2026, 11, 30)


def test_there_are_34_provinces_and_cities_since_july_2025_in_vietnamese_order() -> None:
    assert provinces(date(2025, 6, 30)) == []
    found = provinces(date(2025, 7, 1))
    assert Counter(unit.type for unit in found) == {"tỉnh": 28, "thành phố": 6}
    assert len({unit.code for unit in found}) == len({unit.name for unit in found}) == 34
    names = [unit.name for unit in found]
    assert names[:4] == ["An Giang", "Bắc Ninh", "Cà Mau", "Cao Bằng"]
    assert names.index("Đà Nẵng") < names.index("Đắk Lắk") < names.index("Điện Biên") < names.index("Gia Lai")


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Hải Phòng", None),
        ("Tỉnh Hải Phòng", "Hải Phòng"),
        ("TP. Hồ Chí Minh", "Hồ Chí Minh"),
        ("Hai Phong", "Hải Phòng"),
        ("Khánh Hoà", "Khánh Hòa"),
        ("Bayern", None),
    ],
)
def test_a_province_that_may_be_meant_is_only_a_hint(text: str, near: str | None) -> None:
    assert nearest_province(text, TODAY) == near


@both_databases
def test_communes_come_from_a_file_and_a_second_file_replaces_them(store: HubDatabase, tmp_path: Path) -> None:
    file = tmp_path / "xa.csv"
    for name in ("Cát Hải", "An Dương"):
        file.write_text(
            f"Mã;Tên;Cấp;Tỉnh/Thành phố\n11;{name};đặc khu;Thành phố Hải Phòng\n12;Ba Đình;phường;Hà Nội\n", "utf-8"
        )
        with store.begin() as connection:
            replace_communes(connection, read_communes(file), TODAY)
    with store.reading() as connection:
        found = communes(connection, "Hải Phòng")
        assert [(unit.code, unit.name, unit.type, unit.since) for unit in found] == [
            ("11", "An Dương", "đặc khu", TODAY)
        ]
        assert communes(connection, "Huế") == []


def test_a_wrong_line_of_communes_is_named(tmp_path: Path) -> None:
    file = tmp_path / "xa.csv"
    file.write_text(f"code,name,type,province\n1,A,xã,Huế\n1,B,xã,Huế\n2,,xã,Huế\n3,{'C' * 10_000},xã,Huế\n", "utf-8")
    with pytest.raises(ConfigurationError) as raised:
        read_communes(file)
    lines = str(raised.value).splitlines()
    assert [line.removeprefix(f"{file}:").split(":")[:2] for line in lines] == [
        ["3", " code"],
        ["4", " name"],
        ["5", " name"],
    ]
    assert lines[-1].endswith("nothing was changed")
