from __future__ import annotations

import pytest

from device.hub.registry.opening_hours import in_language, read_opening_hours, written
from device.words import Language


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ""),
        ("T2-T6 7h-17h; T7 8:00–12:00", "mon-fri 07:00-17:00; sat 08:00-12:00"),
        ("mon, wed 07:00-11:30, 13:00-17:00", "mon 07:00-11:30, 13:00-17:00; wed 07:00-11:30, 13:00-17:00"),
        ("Thứ 2 - Thứ 6: 7h30-16h30; Chủ nhật nghỉ", "mon-fri 07:30-16:30"),
        ("Thứ hai - thứ bảy 6h-18h", "mon-sat 06:00-18:00"),
        ("Hằng ngày 5:00-22:00", "mon-sun 05:00-22:00"),
        ("22:00-06:00", "mon-sun 22:00-06:00"),
        ("24/7", "mon-sun 00:00-24:00"),
    ],
)
def test_hours_as_people_write_them_come_into_one_form_which_reads_as_itself(text: str, told: str) -> None:
    assert written(read_opening_hours(text)) == told
    assert written(read_opening_hours(told)) == told
    assert written(read_opening_hours(in_language(told, Language.VIETNAMESE))) == told
    assert in_language(told, Language.ENGLISH) == told


def test_hours_are_shown_as_people_here_write_them() -> None:
    hours = "mon-fri 07:00-17:00; sun 08:00-12:00"
    assert in_language(hours, Language.VIETNAMESE) == "T2-T6 07:00-17:00; CN 08:00-12:00"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("by appointment", "write hours like"),
        ("mon-fri 7-17", "write hours like"),
        ("mon 07:00-25:00", "25:00: no time of a day"),
        ("mon 07:60-08:00", "07:60: no time of a day"),
        ("mon 08:00-08:00", "opens and closes at once"),
        ("fri-mon 08:00-09:00", "Sunday ends the week"),
        ("mon-wed 08:00-09:00; tue 10:00-11:00", "tue is named twice"),
        ("mon 08:00-12:00, 11:00-13:00", "two openings overlap on mon"),
        ("sun 22:00-06:00; mon 05:00-09:00", "two openings overlap on mon"),
        ("mon 07:00-17:00;" * 100, "at most 300"),
    ],
)
def test_what_cannot_be_meant_is_told(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_opening_hours(text)
