"""Web addresses in QR codes: venue posters, local declarations, and every other link.

==================  ===============================================================  ============
system              form                                                             venue id
==================  ===============================================================  ============
tokhaiyte.vn (VHD)  ``https://tokhaiyte.vn/?page=Group.checkin&groupId=<24 hex>``    groupId
Hồ Chí Minh City    ``https://kbyt.khambenh.gov.vn/qr/<uuid>``                       the uuid
PC-Covid            an address on a pccovid.gov.vn host; its form is not published   all after the host
==================  ===============================================================  ============

A local declaration is ``https://kbyt.khambenh.gov.vn/#tokhai_yte/ketqua?id=<id>``: the service it
names has ended, so nothing can be read from it here. An address of vneid.gov.vn only that app can read.
Source: open projects that made or read them (chosoicute113/KBYTKiosk for the declarations).
"""

from __future__ import annotations

from dataclasses import dataclass

from device.credential.text import Text, is_hex, readable
from device.model import CodeKind, Reason

_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-")
_UUID_PARTS = (8, 4, 4, 4, 12)
_MOST_VENUE_ID = 256


@dataclass(frozen=True, slots=True)
class WebAddress:
    """What a web address turned out to be; see `device.model.credential.Unrecognised`."""

    kind: CodeKind
    reason: Reason
    venue_id: str | None = None


_LINK = WebAddress(CodeKind.LINK, Reason.WEB_LINK)


def read_web_address(text: Text) -> WebAddress | None:
    """Classify an ``http(s)`` address; ``None`` when the text is none. The address is never opened."""
    scheme, found, rest = text.value.partition("://")
    if not found or scheme.lower() not in {"http", "https"}:
        return None
    host, path = _split(rest)
    if _is_on(host, "khambenh.gov.vn") and path.startswith("/#tokhai_yte/"):
        return WebAddress(CodeKind.LOCAL, Reason.LOCAL_CODE)
    if _is_on(host, "vneid.gov.vn"):
        return WebAddress(CodeKind.VNEID, Reason.NOT_READABLE_HERE)
    venue_id = _venue_id(host, path)
    return _LINK if venue_id is None else WebAddress(CodeKind.VENUE, Reason.VENUE_POSTER, venue_id)


def _split(rest: str) -> tuple[str, str]:
    """Split what follows ``://`` into host and path; the host is empty when it is not a plain one."""
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    # What stands before an @ is a user name, which some links dress up as a trusted host.
    host = rest[:end].rpartition("@")[2].partition(":")[0].lower()
    return (host if _HOST_CHARACTERS.issuperset(host) else ""), rest[end:]


def _is_on(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def _venue_id(host: str, path: str) -> str | None:
    """Return the id of the venue whose poster this is; ``None`` when it is no poster."""
    if _is_on(host, "tokhaiyte.vn"):
        pairs = dict(pair.partition("=")[::2] for pair in path.partition("?")[2].partition("#")[0].split("&"))
        group = pairs.get("groupId", "")
        return group if pairs.get("page") == "Group.checkin" and len(group) == 24 and is_hex(group) else None
    if _is_on(host, "khambenh.gov.vn") and path.startswith("/qr/"):
        venue = path[4:]
        parts = venue.split("-", len(_UUID_PARTS))
        return venue if tuple(map(len, parts)) == _UUID_PARTS and all(map(is_hex, parts)) else None
    if _is_on(host, "pccovid.gov.vn"):
        return readable(path.strip("/"), _MOST_VENUE_ID) or None
    return None
