"""Codes that are no credentials (bank, Wi-Fi, VNeID, links), known by name so that the answer is more than "unknown".

======  ==================================================================  ===================
kind    form                                                                reason
======  ==================================================================  ===================
bank    ``000201…``: EMV merchant-presented code (VietQR)                   BANK_CODE
wifi    ``WIFI:…``: network sign-in of phones (ZXing wiki, Barcode          WIFI_CODE
        Contents)
vneid   ``VNEID…``, or three dotted base64url parts (a signed token):       NOT_READABLE_HERE
        VNeID's own code is bound to a session only its ministry can open;
        its form is not published, so this is inference
link    any other ``scheme://…``                                            WEB_LINK
======  ==================================================================  ===================
"""

from __future__ import annotations

import string

from device.credential.text import Text
from device.model import CodeKind, Reason

_BASE64URL = frozenset(string.ascii_letters + string.digits + "-_")
_SCHEME = frozenset(string.ascii_letters + string.digits + "+.-")
_MOST_SCHEME = 32


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
    return CodeKind.UNKNOWN, Reason.UNKNOWN_CODE


def _is_token(value: str) -> bool:
    """Return whether *value* is a JSON Web Token (RFC 7519): the base64url of its JSON objects begins with ``ey``."""
    parts = value.split(".", 3)
    return len(parts) == 3 and parts[0].startswith("ey") and all(map(_BASE64URL.issuperset, parts))
