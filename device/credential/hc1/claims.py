"""CWT claims (RFC 8392) and the health certificate (EU DCC) inside: what a certificate says.

=====  ==================  ==================================================================
1      issuer              two letters; some countries write their ministry's name
4      expires             Unix seconds, whole or not; demanded
5, 6   not before, issued  the same; may be missing
-260   ``{1: …}``          ``nam`` name, ``dob`` birth, and one of ``v t r`` with one entry
=====  ==================  ==================================================================

Source: the eHealth network's JSON schema of the certificate, 1.0.0 to 1.3.0, and how issuers really wrote it in
the test vectors they published: a date may carry a time, an absent kind may be null or an empty list, a time may
lack its seconds or be written in any way of RFC 3339 and ISO 8601, a day or month of birth that is not on record
may be ``00``, a whole number may be a float, and a word or a number of doses may be missing, null, empty or 0. Who
signed it vouches for the rest; a field without a value earns no rule.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import cast

from device.credential.dates import year_first
from device.credential.hc1.prescan import load
from device.credential.hc1.trust_list import USES
from device.credential.text import MOST_NAME, readable
from device.errors import CertificateMalformed
from device.model import LabTest, Person, Recovery, Vaccination

_ISSUER, _EXPIRES, _NOT_BEFORE, _ISSUED, _CERTIFICATES, _FIRST = 1, 4, 5, 6, -260, 1
_LATEST_S = 253_402_300_799  # the last second of the year 9999
_MOST_WORD = 128
_ISSUER_COUNTRY = re.compile(r"[A-Z]{2}")
_OFFSET = r"(?:[Zz]| ?([+-])(\d{2})(?::?(\d{2}))?)?"
_DAY = re.compile(rf"(\d{{4}})-(\d{{2}})-(\d{{2}})(?:[Tt ][0-9:.,]{{5,18}}{_OFFSET})?", re.ASCII)
_MOMENT = re.compile(
    rf"(\d{{4}}-\d{{2}}-\d{{2}})[Tt ](\d{{2}}:\d{{2}}(?::\d{{2}})?)(?:[.,]\d{{1,9}})?{_OFFSET}", re.ASCII
)
_MIDNIGHT = re.compile(rf"(?:00:00(?::00(?:[.,]0{{1,9}})?)?{_OFFSET})?", re.ASCII)
_NAMES = {"v": "vaccination", "t": "test", "r": "recovery"}

Entry = Vaccination | LabTest | Recovery
Map = dict[object, object]


@dataclass(frozen=True, slots=True)
class Claims:
    """The content of a certificate, whoever signed it.

    Attributes:
        issuer: see `Certificate.issuer`.
        issued_at_s: see `Certificate.issued_at_s`.
        not_before_s: see `Certificate.not_before_s`.
        expires_at_s: see `Certificate.expires_at_s`.
        use: which of `USES` the entry is.
        entry: the entry.
        person: name and birth.
        details: for `Credential.details`.
    """

    issuer: str | None
    issued_at_s: int | None
    not_before_s: int | None
    expires_at_s: int
    use: str
    entry: Entry
    person: Person
    details: tuple[tuple[str, str], ...] = field(repr=False)


def read_claims(payload: bytes) -> Claims:
    """Read a signed payload; `CertificateMalformed` when a field is missing or not what the schema says."""
    token = _map(load(payload))
    certificate = _map(_map(token.get(_CERTIFICATES)).get(_FIRST))
    issuer = token.get(_ISSUER)
    if issuer is not None and not isinstance(issuer, str):
        raise CertificateMalformed("claims: an issuer that is no text")
    expires_at_s = _seconds(token.get(_EXPIRES))
    issued_at_s, not_before_s = (
        None if token.get(claim) is None else _seconds(token[claim]) for claim in (_ISSUED, _NOT_BEFORE)
    )
    _word(certificate, "ver")
    use, fields = _only_entry(certificate)
    if not isinstance(fields.get("is"), str | None):
        raise CertificateMalformed("claims: is is no text")
    entry = _READERS[use](fields)
    name, passport_name = _names(_map(certificate.get("nam")))
    return Claims(
        issuer=issuer if issuer is not None and _ISSUER_COUNTRY.fullmatch(issuer) else None,
        issued_at_s=issued_at_s,
        not_before_s=not_before_s,
        expires_at_s=expires_at_s,
        use=use,
        entry=entry,
        person=Person(name=name, birth=_birth(certificate.get("dob"))),
        details=_details(use, fields, passport_name, (issued_at_s, expires_at_s)),
    )


def _only_entry(certificate: Map) -> tuple[str, Map]:
    """Return the kind and the fields of the one entry."""
    lists = {use: certificate[use] for use in USES if certificate.get(use) not in (None, [])}
    if len(lists) != 1:
        raise CertificateMalformed("claims: not exactly one kind of entry")
    use, entries = lists.popitem()
    if not isinstance(entries, list) or len(entries) != 1:
        raise CertificateMalformed("claims: not exactly one entry")
    return use, _map(entries[0])


def _vaccination(fields: Map) -> Vaccination:
    return Vaccination(
        doses=_count(fields, "dn"),
        series=_count(fields, "sd"),
        given_on=_day(fields, "dt"),
        product=_word(fields, "mp"),
        vaccine=_word(fields, "vp"),
        maker=_word(fields, "ma"),
        country=_word(fields, "co"),
        target=_word(fields, "tg"),
    )


def _test(fields: Map) -> LabTest:
    return LabTest(
        type=_word(fields, "tt"),
        result=_word(fields, "tr"),
        sampled_at_s=_moment(fields, "sc"),
        country=_word(fields, "co"),
        target=_word(fields, "tg"),
    )


def _recovery(fields: Map) -> Recovery:
    return Recovery(
        first_positive_on=_day(fields, "fr"),
        valid_from=_day(fields, "df"),
        valid_until=_day(fields, "du"),
        country=_word(fields, "co"),
        target=_word(fields, "tg"),
    )


_READERS: dict[str, Callable[[Map], Entry]] = {"v": _vaccination, "t": _test, "r": _recovery}


def _names(names: Map) -> tuple[str, str]:
    """Return the name, family name first as Vietnam writes it, and the form of the passport's lower lines.

    A name with characters no screen should get is taken from the passport form.
    """
    machine = " ".join(filter(None, (_word(names, key) for key in ("fnt", "gnt"))))
    parts = [names[key] for key in ("fn", "gn") if names.get(key) not in (None, "")]
    if not all(isinstance(part, str) for part in parts):
        raise CertificateMalformed("claims: a name that is no text")
    name = readable(" ".join(map(str, parts)), MOST_NAME) or machine.replace("<", " ")
    if not name.strip():
        raise CertificateMalformed("claims: nobody's name")
    return name, machine


def _birth(value: object) -> str | None:
    """Return a birth date of whatever precision; ``None`` when it is not on record."""
    if value in (None, ""):
        return None
    day, _, time = value.upper().partition("T") if isinstance(value, str) else ("", "", "")
    birth = year_first(day) if _MIDNIGHT.fullmatch(time) else None
    if birth is None:
        raise CertificateMalformed("claims: a birth date that is none")
    return birth


def _day(fields: Map, key: str) -> date | None:
    """Return a day; ``None`` where it is not on record."""
    value = fields.get(key)
    if value in (None, ""):
        return None
    shaped = _DAY.fullmatch(value) if isinstance(value, str) else None
    if shaped is None:
        raise CertificateMalformed(f"claims: {key} is no date")
    return _calendar_day(*map(int, shaped.group(1, 2, 3)))


def _calendar_day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise CertificateMalformed("claims: a day the calendar does not have") from None


def _moment(fields: Map, key: str) -> int | None:
    """Return a date with time as Unix seconds, one without an offset as UTC; ``None`` where it is not on record."""
    value = fields.get(key)
    if value in (None, ""):
        return None
    shaped = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if shaped is None:
        raise CertificateMalformed(f"claims: {key} is no date with time")
    day, clock, sign, hours, minutes = shaped.groups()
    try:
        away = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        zone = timezone(-away if sign == "-" else away)
        return math.floor(datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone).timestamp())
    except (ValueError, OverflowError):
        raise CertificateMalformed(f"claims: {key} is a time the calendar does not have") from None


def _seconds(value: object) -> int:
    """Return Unix seconds; infinite, NaN, negative or beyond the year 9999 is no time."""
    # NaN fails every comparison, so the test must be one that a time has to pass.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST_S:
        raise CertificateMalformed("claims: a time that is none")
    return math.floor(value)


def _count(fields: Map, key: str) -> int:
    """Return a number of doses; 0 where it is not on record."""
    value = fields.get(key)
    if value is None:
        return 0
    # A float that is whole is the same number in JSON; NaN and infinity fail the comparison.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 99 or value != int(value):
        raise CertificateMalformed(f"claims: {key} is no number of doses")
    return int(value)


def _word(fields: Map, key: str) -> str:
    """Return a text; empty where it is not on record."""
    value = fields.get(key)
    if value is None:
        return ""
    words = readable(value.strip(), _MOST_WORD) if isinstance(value, str) else None
    if words is None:
        raise CertificateMalformed(f"claims: {key} is no text")
    return words


def _map(value: object) -> Map:
    if not isinstance(value, dict):
        raise CertificateMalformed("claims: something that should be a map is none")
    return cast("Map", value)


def _details(use: str, fields: Map, passport_name: str, times_s: tuple[int | None, int]) -> tuple[tuple[str, str], ...]:
    """Return what the record keeps of the certificate beside the person."""
    issued_at_s, expires_at_s = times_s
    found = {
        "entry": _NAMES[use],
        "issued": "" if issued_at_s is None else _written(issued_at_s),
        "expires": _written(expires_at_s),
    }
    words = {"disease": "tg", "vaccine": "vp", "product": "mp", "maker": "ma", "test-type": "tt", "result": "tr"}
    dates = {"date": "dt", "sampled": "sc", "first-positive": "fr", "valid-from": "df", "valid-until": "du"}
    own = {"v": "tg vp mp ma dt", "t": "tg tt tr sc", "r": "tg fr df du"}[use].split()
    found |= {name: _word(fields, key) for name, key in (words | dates).items() if key in own}
    if use == "v":
        found["doses"] = f"{_count(fields, 'dn')}/{_count(fields, 'sd')}"
    found |= {"country": _word(fields, "co"), "certificate-id": _word(fields, "ci"), "name-in-passport": passport_name}
    return tuple((name, text) for name, text in found.items() if text)


def _written(time_s: int) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
