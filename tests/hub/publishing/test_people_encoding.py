"""Lists in the letters that computers here have: Unicode of every kind is read, older ones are named."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import pytest

from device.hub.publishing.people_file import read_people_file
from tests.support.languages import ENGLISH, in_both

THU = "051090001234"
LIST = f"Họ tên,Số định danh\nThử,{THU}\n"


def numbers(tmp_path: Path, written: bytes) -> list[str]:
    file = tmp_path / "list"
    file.write_bytes(written)
    return [key.partition(":")[2] for key in read_people_file(file, 100).keys]


@pytest.mark.parametrize(
    "written",
    [
        LIST.encode("utf-8-sig"),
        LIST.encode("utf-16"),
        codecs.BOM_UTF16_BE + LIST.encode("utf-16-be"),
        LIST.encode("utf-32"),
        codecs.BOM_UTF32_BE + LIST.encode("utf-32-be"),
        *(f"STT,{LIST}".replace("Thử", "1,Thử").encode(f"utf-{bits}-{end}e") for bits in (16, 32) for end in "lb"),
    ],
    ids=range(9),
)
def test_every_kind_of_unicode_is_read(tmp_path: Path, written: bytes) -> None:
    assert numbers(tmp_path, written) == [THU]


TCVN3 = f"Hä tªn,Sè ®Þnh danh\nThö,{THU}\n"
VIETNAMESE_WINDOWS = f"Tên,Căn cước\nLan,{THU}\n"


@pytest.mark.parametrize(
    ("written", "encoding"),
    [
        (TCVN3.encode("cp1252"), r"TCVN3 \(ABC, fonts like \.VnTime\)"),
        (TCVN3.encode(), r"TCVN3 \(ABC"),  # pasted from a document in such a font
        ("Tªn,C¨n c­íc\n".encode("cp1252"), r"TCVN3 \(ABC"),
        (VIETNAMESE_WINDOWS.replace("cước", "cươ\u0301c").encode("cp1258"), "Windows-1258"),
    ],
    ids=range(4),
)
def test_letters_of_an_old_encoding_are_named_with_what_to_do(tmp_path: Path, written: bytes, encoding: str) -> None:
    english, words = in_both(lambda: numbers(tmp_path, written), str(tmp_path / "list"))
    assert re.match(f"…:1: the letters are {encoding}", english)
    assert "CSV UTF-8 or .xlsx" in english
    assert not ENGLISH.search(words.replace("CSV UTF-8", ""))


def test_a_header_of_plain_letters_is_read_in_any_encoding(tmp_path: Path) -> None:
    assert numbers(tmp_path, f"Hä tªn,CCCD\nThö,{THU}\n".encode("cp1252")) == [THU]
    assert numbers(tmp_path, b"Ten,CCCD\nLan,051\xa0090\xa0001\xa0234\n") == [THU]
