"""Invented visitors: no name, number or address is anybody's."""

from __future__ import annotations

import random
from typing import Final

from device.clock import Clock
from device.model import CheckIn, CodeKind, Credential, Decision, Direction, Outcome, Person, Place, Reason

PLACE: Final = Place(
    name="Chợ Thử Nghiệm",
    kind="market",
    province="Quảng Ngãi",
    ward="Phường Nghĩa Lộ",
    location_qr="0123456789abcdef01234567",
)
CARD: Final = "051090001234||Nguyễn Văn Thử|05031990|Nam|Tổ 3, Nghĩa Lộ|15042021".encode()
"""What the citizen card of one invented visitor says."""

_FAMILY: Final = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Đặng", "Võ", "Tôn Nữ")
_MIDDLE: Final = ("Văn", "Thị", "Hữu", "Ngọc Quỳnh", "Thùy", "Minh", "Đức", "Xuân Phương")
_GIVEN: Final = ("Thử", "Mẫu", "Giả", "Bưởi", "Khuê", "Lựu", "Nghiêng", "Trường")
_STREET: Final = ("Tổ 3", "Thôn Đông", "Số 12 hẻm 7 đường Trương Quang Trọng", "Khu dân cư Phan Đình Phùng, lô 14")


def visitor(number: int, clock: Clock) -> CheckIn:
    """Return a granted check-in of the person *number*; who it is depends on nothing else."""
    draw = random.Random(number)
    person = Person(
        name=f"{draw.choice(_FAMILY)} {draw.choice(_MIDDLE)} {draw.choice(_GIVEN)}",
        birth=f"{draw.randint(1930, 2015)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
        sex=draw.choice(("male", "female")),
        citizen_number=f"{number:012}",
        old_number=draw.choice((None, f"{draw.randrange(10**9):09}")),
        address=f"{draw.choice(_STREET)}, Phường Nghĩa Lộ, Thành phố Quảng Ngãi, Quảng Ngãi",
    )
    credential = Credential(CodeKind.CITIZEN_CARD, person, details=(("issued", "2021-04-15"),))
    decision = Decision(Outcome.GRANTED, Reason.RECORDED, "2026-01-01", rules=("known-kind", "accepted-here", "repeat"))
    return CheckIn(credential, decision, PLACE, Direction.IN, clock.reading())
