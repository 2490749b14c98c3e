from __future__ import annotations

import pytest

from device.hub.registry.place import RegisteredPlace, read_field


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("name", "  Trường  THPT Hoa Phượng ", "Trường THPT Hoa Phượng"),
        ("kind", "Bệnh viện", "hospital"),
        ("kind", "Chợ", "market"),
        ("kind", "", "other"),
        ("phone", "+84 912 345 678", "+84 912 345 678"),
        ("time_zone", "", "Asia/Ho_Chi_Minh"),
        ("time_zone", "Europe/Berlin", "Europe/Berlin"),
        ("opening_hours", "T2 7h-8h", "mon 07:00-08:00"),
        ("commune", "", ""),
    ],
)
def test_a_field_is_kept_in_one_form(name: str, text: str, kept: str) -> None:
    assert read_field(name, text) == kept


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("name", "A" * 10_000, "at most 200 characters, not 10000"),
        ("name", " ", "is blank"),
        ("name", "Chợ \N{RIGHT-TO-LEFT OVERRIDE}gnốđ", r"U\+202E"),
        ("time_zone", "Asia/Atlantis", "no such time zone"),
        ("time_zone", "../../etc/passwd", "no such time zone"),
        ("kind", "castle", "no kind of place; write one of office"),
        ("phone", "=cmd|' /C calc'!A0", "no phone number"),
    ],
)
def test_what_a_field_cannot_hold_is_told_with_what_to_write(name: str, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_field(name, text)


def test_two_places_are_alike_by_code_and_whereabouts_whatever_the_case() -> None:
    one = RegisteredPlace("Chợ Mới", "Hà Nội", address="1 Phố A")
    assert one.likeness == RegisteredPlace("CHỢ MỚI", "hà nội", address="1 phố a", phone="0912345678").likeness
    assert one.likeness != RegisteredPlace("Chợ Mới", "Hà Nội", address="1 Phố A", code="M1").likeness
