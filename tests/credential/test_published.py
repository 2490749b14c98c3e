"""One example of every published form, whole: which kind it is and what it says.

Fields and sources stand in the docstring of each format's module; people and numbers are invented.
"""

from __future__ import annotations

import pytest

from device.credential import recognise
from device.model import CodeKind, Credential, Reason, Unrecognised, Verification

ADDRESS = "Tổ 3, Phường Nghĩa Lộ, Thành phố Quảng Ngãi, Quảng Ngãi"
NAME = "4e677579e1bb856e2056c4836e205468e1bbad"
THU = {"birth": "1990-03-05", "sex": "male"}
CREDENTIALS: list[tuple[str, CodeKind, dict[str, str]]] = [
    (
        "051090001234|NGUYEN VAN THU|1990-03-05|0|163200000000000001|<1<GD4515120000001<0900000001",
        CodeKind.NATIONAL_CODE,
        THU
        | {
            "name": "NGUYEN VAN THU",
            "citizen_number": "051090001234",
            "national_code_id": "163200000000000001",
            "insurance_number": "5120000001",
            "phone": "0900000001",
        },
    ),
    (
        "|LE MINH BE|2018-09-09|1|163200000000000002|163200000000000001<1<<",
        CodeKind.NATIONAL_CODE,
        {"name": "LE MINH BE", "birth": "2018-09-09", "sex": "male", "national_code_id": "163200000000000002"},
    ),
    (
        "******001234|TRAN THI MAU|1994-**-**|0|163200000000000003|<2<<0900000002",
        CodeKind.NATIONAL_CODE,
        {"name": "TRAN THI MAU", "sex": "female", "national_code_id": "163200000000000003", "phone": "0900000002"},
    ),
    (
        f"051090001234|212345678|Nguyễn Văn Thử|05031990|Nam|{ADDRESS}|15042021",
        CodeKind.CITIZEN_CARD,
        THU
        | {
            "name": "Nguyễn Văn Thử",
            "citizen_number": "051090001234",
            "old_number": "212345678",
            "address": ADDRESS,
        },
    ),
    (
        "051194005678||Trần Thị Mẫu|20111994|Nữ|Thôn Đông, Bình Châu, Bình Sơn, Quảng Ngãi|01072022",
        CodeKind.CITIZEN_CARD,
        {
            "name": "Trần Thị Mẫu",
            "birth": "1994-11-20",
            "sex": "female",
            "citizen_number": "051194005678",
            "address": "Thôn Đông, Bình Châu, Bình Sơn, Quảng Ngãi",
        },
    ),
    (
        "051095004321||Lê Minh Giả|09091995|Nam|Tổ 1, Trương Quang Trọng, Quảng Ngãi|10082024||||",
        CodeKind.CITIZEN_CARD,
        {
            "name": "Lê Minh Giả",
            "birth": "1995-09-09",
            "sex": "male",
            "citizen_number": "051095004321",
            "address": "Tổ 1, Trương Quang Trọng, Quảng Ngãi",
        },
    ),
    (
        "051218000777||Lê Văn Bé|01022018|Nam|Xã Nghĩa Hành, Quảng Ngãi|15032025|||Lê Văn Cha|Trần Thị Mẹ",
        CodeKind.CITIZEN_CARD,
        {
            "name": "Lê Văn Bé",
            "birth": "2018-02-01",
            "sex": "male",
            "citizen_number": "051218000777",
            "address": "Xã Nghĩa Hành, Quảng Ngãi",
        },
    ),
    (
        (
            f"GD4515120000001|{NAME}|05/03/1990|1|54e1bb9520332c205068c6b0e1bb9d6e67204e6768c4a961204ce1bb99|51 - 001"
            "|01/01/2020|31/12/2020|20/12/2019|51015120000001|-|4|01/01/2025|1a2b3c4d5e6f7081-7102|$"
        ),
        CodeKind.INSURANCE_CARD,
        THU | {"name": "Nguyễn Văn Thử", "insurance_number": "5120000001", "address": "Tổ 3, Phường Nghĩa Lộ"},
    ),
    (
        (
            f"5120000001|{NAME}|05/03/1990|1|-|51 - 001|01/01/2022|-|05/01/2022|51015120000001|-|4| 01/01/2027"
            "|1a2b3c4d5e6f7081-1202|4|54e1bb896e68205175e1baa36e67204e67c3a369|$"
        ),
        CodeKind.INSURANCE_CARD,
        THU | {"name": "Nguyễn Văn Thử", "insurance_number": "5120000001"},
    ),
    (
        (
            "TE1515120000002|4cc3aa205468e1bb8b2042c3a9|2021|2|-|51–002|15/06/2021|30/09/2027|20/06/2021"
            "|51025120000002|Lê Văn Cha|4|15/06/2026|9f8e7d6c5b4a392-7102|$"
        ),
        CodeKind.INSURANCE_CARD,
        {"name": "Lê Thị Bé", "birth": "2021", "sex": "female", "insurance_number": "5120000002"},
    ),
    ("051090001234", CodeKind.CITIZEN_NUMBER, {"citizen_number": "051090001234"}),
]
OTHERS = [
    ("https://tokhaiyte.vn/?page=Group.checkin&groupId=0123456789abcdef01234567", CodeKind.VENUE, Reason.VENUE_POSTER),
    ("https://kbyt.khambenh.gov.vn/qr/00000000-0000-4000-8000-000000000051", CodeKind.VENUE, Reason.VENUE_POSTER),
    ("https://qr.pccovid.gov.vn/test-venue/0001", CodeKind.VENUE, Reason.VENUE_POSTER),
    ("https://kbyt.khambenh.gov.vn/#tokhai_yte/ketqua?id=12345", CodeKind.LOCAL, Reason.LOCAL_CODE),
    ("VNEID-TEST-0001-OPAQUE", CodeKind.VNEID, Reason.NOT_READABLE_HERE),
    ("eyJ0eXAiOiJURVNUIn0.e30.x", CodeKind.VNEID, Reason.NOT_READABLE_HERE),
    ("00020101021238TESTONLY5303704", CodeKind.BANK, Reason.BANK_CODE),
    ("WIFI:T:WPA;S:quan;P:khong;;", CodeKind.WIFI, Reason.WIFI_CODE),
    ("https://zalo.me/0900000001", CodeKind.LINK, Reason.WEB_LINK),
]


@pytest.mark.parametrize(("text", "kind", "says"), CREDENTIALS, ids=[case[0][:24] for case in CREDENTIALS])
def test_a_published_example_is_its_kind_and_says_just_this_of_the_person(
    text: str, kind: CodeKind, says: dict[str, str]
) -> None:
    claim = recognise(text.encode())
    assert isinstance(claim, Credential)
    assert (claim.kind, claim.verified) == (kind, Verification.NOT_APPLICABLE)
    person = claim.person
    assert {name: value for name in person.__slots__ if (value := getattr(person, name)) is not None} == says


@pytest.mark.parametrize(("text", "kind", "reason"), OTHERS, ids=[case[0][:24] for case in OTHERS])
def test_a_published_example_that_names_nobody_is_told_as_what_it_is(text: str, kind: CodeKind, reason: Reason) -> None:
    claim = recognise(text.encode())
    assert isinstance(claim, Unrecognised)
    assert (claim.kind, claim.reason) == (kind, reason)
