from __future__ import annotations

import pytest

from device.credential import recognise
from device.model import CodeKind, Reason, Unrecognised


@pytest.mark.parametrize(
    ("payload", "kind", "reason"),
    [
        (b"00020101021238TESTONLY5303704", CodeKind.BANK, Reason.BANK_CODE),
        (b"WIFI:T:WPA;S:Quan;P:x;;", CodeKind.WIFI, Reason.WIFI_CODE),
        (b"wifi:S:Quan;;", CodeKind.WIFI, Reason.WIFI_CODE),
        (b"VNEID-TEST-0001-OPAQUE", CodeKind.VNEID, Reason.NOT_READABLE_HERE),
        (b"eyJ0eXAiOiJURVNUIn0.e30.x", CodeKind.VNEID, Reason.NOT_READABLE_HERE),
        (b"HC1:6BF+70790T9WJWG", CodeKind.HC1, Reason.CERTIFICATE_MALFORMED),
        (b"HC1:", CodeKind.HC1, Reason.CERTIFICATE_MALFORMED),
        (b"zalo://qr/p/x", CodeKind.LINK, Reason.WEB_LINK),
        (b"eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn", CodeKind.VNEID, Reason.NOT_READABLE_HERE),
        (b"https://vneid.gov.vn/qr/abc", CodeKind.VNEID, Reason.NOT_READABLE_HERE),
        (b"http://app.VNeID.gov.vn", CodeKind.VNEID, Reason.NOT_READABLE_HERE),
        (b"https://vneid.gov.vn.example.org/", CodeKind.LINK, Reason.WEB_LINK),
        (b"tel:+84900000001", CodeKind.LINK, Reason.WEB_LINK),
        (b"MAILTO:a@example.vn", CodeKind.LINK, Reason.WEB_LINK),
        (b"SMSTO:0900000001:xin chao", CodeKind.LINK, Reason.WEB_LINK),
        (b"geo:15.1,108.8", CodeKind.LINK, Reason.WEB_LINK),
        (b"BEGIN:VCARD\nVERSION:3.0\nN:Thu\nEND:VCARD", CodeKind.LINK, Reason.WEB_LINK),
        (b"BEGIN:VEVENT\nEND:VEVENT", CodeKind.LINK, Reason.WEB_LINK),
        (b"MECARD:N:Thu;TEL:0900000001;;", CodeKind.LINK, Reason.WEB_LINK),
        (b"www.example.vn/x", CodeKind.LINK, Reason.WEB_LINK),
        (b"eyJ0.e30.x.y", CodeKind.UNKNOWN, Reason.UNKNOWN_CODE),
        (b"eyJ0.e30.x.y.z.a", CodeKind.UNKNOWN, Reason.UNKNOWN_CODE),
        (b"wwwexample.vn", CodeKind.UNKNOWN, Reason.UNKNOWN_CODE),
        (b"eyJ0.e30", CodeKind.UNKNOWN, Reason.UNKNOWN_CODE),
        (b"eyJ0.e 30.x", CodeKind.UNKNOWN, Reason.UNKNOWN_CODE),
        (b"://x", CodeKind.UNKNOWN, Reason.UNKNOWN_CODE),
        (b"xin chao", CodeKind.UNKNOWN, Reason.UNKNOWN_CODE),
    ],
)
def test_codes_shown_by_mistake_are_named(payload: bytes, kind: CodeKind, reason: Reason) -> None:
    assert recognise(payload) == Unrecognised(kind, reason, 64)


@pytest.mark.parametrize("payload", [b"HC2:ABC", b"hc1:ABC", b" HC1:ABC"])
def test_only_the_exact_prefix_is_a_certificate(payload: bytes) -> None:
    assert recognise(payload) == Unrecognised(CodeKind.UNKNOWN, Reason.UNKNOWN_CODE, 64)
