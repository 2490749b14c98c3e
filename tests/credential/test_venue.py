from __future__ import annotations

import pytest

from device.credential import recognise
from device.model import CodeKind, Reason, Unrecognised


def seen(address: str) -> tuple[CodeKind, Reason, str | None]:
    claim = recognise(address.encode())
    assert isinstance(claim, Unrecognised)
    return claim.kind, claim.reason, claim.venue_id


@pytest.mark.parametrize(
    ("address", "venue_id"),
    [
        ("https://tokhaiyte.vn/?page=Group.checkin&groupId=0123456789abcdef01234567", "0123456789abcdef01234567"),
        ("HTTPS://TOKHAIYTE.VN/?groupId=0123456789ABCDEF01234567&page=Group.checkin", "0123456789ABCDEF01234567"),
        (
            "https://kbyt.khambenh.gov.vn/qr/00000000-0000-4000-8000-000000000051",
            "00000000-0000-4000-8000-000000000051",
        ),
        ("https://qr.pccovid.gov.vn/test-venue/0001", "test-venue/0001"),
    ],
)
def test_a_venue_poster_is_known_by_its_id(address: str, venue_id: str) -> None:
    assert seen(address) == (CodeKind.VENUE, Reason.VENUE_POSTER, venue_id)


def test_a_local_declaration_is_named() -> None:
    assert seen("https://kbyt.khambenh.gov.vn/#tokhai_yte/ketqua?id=77") == (CodeKind.LOCAL, Reason.LOCAL_CODE, None)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/",
        "http://[",
        "https://",
        "https://zalo.me/0900000001",
        "https://pccovid.gov.vn/",
        "https://tokhaiyte.vn/?page=Group.checkin&groupId=xyz",
        "https://tokhaiyte.vn/?page=Other&groupId=0123456789abcdef01234567",
        "https://kbyt.khambenh.gov.vn/qr/not-a-uuid",
    ],
)
def test_every_other_address_is_a_link(address: str) -> None:
    assert seen(address) == (CodeKind.LINK, Reason.WEB_LINK, None)


@pytest.mark.parametrize(
    "address",
    [
        "https://tokhaiyte.vn@example.org/?page=Group.checkin&groupId=0123456789abcdef01234567",
        "https://tokhaiyte.vn:443@example.org/?page=Group.checkin&groupId=0123456789abcdef01234567",
        "https://example.org\\@tokhaiyte.vn/x",
        "https://eviltokhaiyte.vn/?page=Group.checkin&groupId=0123456789abcdef01234567",
        "https://pccovid.gov.vn.example.org/venue/1",
        "https://example.org/#@pccovid.gov.vn/venue/1",
    ],
)
def test_an_address_dressed_up_as_a_venue_is_a_link(address: str) -> None:
    kind, _, venue_id = seen(address)
    assert venue_id is None
    assert kind is CodeKind.LINK
