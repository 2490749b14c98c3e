"""Codes that are no credentials (bank, Wi-Fi, VNeID, links), known by name so that the answer is more than "unknown".

======  ==================================================================  ===================
kind    form                                                                reason
======  ==================================================================  ===================
bank    ``000201…``: EMV merchant-presented code (VietQR)                   BANK_CODE
wifi    ``WIFI:…``: network sign-in of phones (ZXing wiki, Barcode          WIFI_CODE
        Contents)
vneid   ``VNEID…``, or three or five dotted base64url parts (a signed or    NOT_READABLE_HERE
        an encrypted token): VNeID's own code is bound to a session only
        its ministry can open; its form is not published, so this is
        inference
link    any other ``scheme://…``, ``www.…``, and what phones open: a        WEB_LINK
        telephone number, a message, a contact, a place, a date
======  ==================================================================  ===================
"""

from __future__ import annotations

import string

from device.credential.text import Text
from device.model import CodeKind, Reason

_BASE64URL = frozenset(string.ascii_letters + string.digits + "-_")
_SCHEME = frozenset(string.ascii_letters + string.digits + "+.-")
_MOST_SCHEME = 32
_OPENED_BY_PHONES = (  # lower case; ZXing wiki, Barcode Contents, and the URI schemes registered at IANA
    *("www.", "tel:", "mailto:", "sms:", "smsto:", "mms:", "mmsto:", "matmsg:", "geo:", "sip:", "facetime:"),
    *("begin:vcard", "begin:vevent", "begin:vcalendar", "mecard:", "bizcard:", "urlto:", "market:", "bitcoin:"),
)


def read_other(text: Text) -> tuple[CodeKind, Reason]:
    """Name a code that is no credential and no web address; unknown is a normal answer."""
    value = text.value
    if value.startswith("000201"):
        return CodeKind.BANK, Reason.BANK_CODE
    start = value[:5].upper()
    if start == "WIFI:":
        return CodeKind.WIFI, Reason.WIFI_CODE
    if start == "VNEID" or _is_token(value):
        return CodeKind.VNEID, Reason.NOT_READABLE_HERE
    scheme, found, _ = value.partition("://")
    if found and 0 < len(scheme) <= _MOST_SCHEME and scheme[0].isalpha() and _SCHEME.issuperset(scheme):
        return CodeKind.LINK, Reason.WEB_LINK
    if value[:_MOST_SCHEME].lower().startswith(_OPENED_BY_PHONES):
        return CodeKind.LINK, Reason.WEB_LINK
    return CodeKind.UNKNOWN, Reason.UNKNOWN_CODE


def _is_token(value: str) -> bool:
    """Return whether *value* is a token as of RFC 7515 or 7516: base64url, of JSON first, which begins with ``ey``."""
    parts = value.split(".", 5)
    return len(parts) in {3, 5} and parts[0].startswith("ey") and all(map(_BASE64URL.issuperset, parts))
