"""Trust list files (JSON): which keys may sign health certificates, for which kinds of entry, and when.

A JSON list with one object a key, one a line as ``gate-scanner trust compile`` writes it::

    [
    {"kid": "…", "alg": "ES256", "key": "…", "use": ["v"], "country": "VN",
     "not_before": "2021-12-20T00:00:00Z", "not_after": "2026-12-19T00:00:00Z"}
    ]

``kid`` and ``key`` are base64, the key a SubjectPublicKeyInfo (RFC 5280): the certificates it came from
were read once, elsewhere, and the gate parses no X.509. ``country`` may be null. Reading is strict: an
unknown key, a missing one or a value that cannot be right refuses the whole file, every mistake named.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from device.credential.hc1.trust_list import ALGORITHMS, ES256, USES, TrustedKey, TrustList
from device.errors import Complaint, Complaints, shown
from device.words import say, why_of

MOST_BYTES = 4 * 1024 * 1024
"""A file of 300 signers, all there ever were in the European gateway, has about 100 KiB."""

MOST_KEYS = 10_000
_MOST_SAME_KID = 8  # each costs a verification
_MOST_COMPLAINTS = 50
_RSA_BITS = range(2_048, 8_193)
_KEYS = ("kid", "alg", "key", "use", "country", "not_before", "not_after")
_TIME = "%Y-%m-%dT%H:%M:%SZ"
COUNTRY = re.compile(r"[A-Z]{2}")
"""A country: two capital letters (ISO 3166-1)."""
_SPACE = re.compile(r"[ \t\r\n]*")


def load_trust(path: Path) -> TrustList:
    """Read a trust list; raises `Complaints` with every mistake, each with its line."""
    name = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = say("not a file name") if isinstance(error, ValueError) else why_of(error)
        raise Complaints([Complaint(name, 1, 1, "file", say("cannot be read: {why}", why=why))]) from None
    if len(raw) > MOST_BYTES:
        what = say("larger than {most} KiB; no trust list is", most=MOST_BYTES // 1024)
        raise Complaints([Complaint(name, 1, 1, "file", what)])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        what = say("no UTF-8 text; make it with: trust compile")
        raise Complaints([Complaint(name, 1, 1, "file", what)]) from None
    return parse_trust(text, name)


def parse_trust(text: str, file: str = "trust.json") -> TrustList:
    """Read the text of a trust list; raises `Complaints`, which call it *file*."""
    reader = _Reader(text, file)
    keys = tuple(reader.keys())
    if reader.complaints:
        raise Complaints(reader.complaints[:_MOST_COMPLAINTS])
    return TrustList(keys)


def trust_document(keys: Iterable[TrustedKey]) -> str:
    """Write a trust list: what `parse_trust` reads, in the order of country and key id, each key once."""
    entries = {json.dumps(_entry(key), ensure_ascii=False): (key.country or "", key.kid.hex()) for key in keys}
    lines = sorted(entries, key=lambda line: (entries[line], line))
    return "[\n" + ",\n".join(lines) + "\n]\n"


def unusable(key: object) -> str | None:
    """Return why a public key cannot verify certificates; ``None`` when it can."""
    match key:
        case EllipticCurvePublicKey() if isinstance(key.curve, SECP256R1):
            return None
        case RSAPublicKey() if key.key_size in _RSA_BITS:
            return None
    return say("a key that is neither P-256 nor RSA of 2048 to 8192 bits")


def _entry(key: TrustedKey) -> dict[str, object]:
    spki = key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "kid": base64.b64encode(key.kid).decode(),
        "alg": next(name for name, number in ALGORITHMS.items() if number == key.alg),
        "key": base64.b64encode(spki).decode(),
        "use": [use for use in USES if use in key.use],
        "country": key.country,
        "not_before": datetime.fromtimestamp(key.not_before_s, UTC).strftime(_TIME),
        "not_after": datetime.fromtimestamp(key.not_after_s, UTC).strftime(_TIME),
    }


class _BadValue(Exception):
    """A value that cannot be right: which key, and what to write instead."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class _DuplicateKey(ValueError):
    """A key stands twice in one object."""


@dataclass
class _Reader:
    """One file being read, entry by entry, so that every mistake has the line of its entry."""

    text: str
    file: str
    complaints: list[Complaint] = field(default_factory=list)

    def keys(self) -> Iterator[TrustedKey]:
        """Yield every key that is right; what is wrong is in `complaints` afterwards."""
        same: dict[bytes, int] = {}
        for number, (at, value) in enumerate(self._entries(), 1):
            if number > MOST_KEYS:
                self._complain(at, "file", say("more than {most} keys", most=MOST_KEYS))
                return
            try:
                key = _key(value)
                same[key.kid] = same.get(key.kid, 0) + 1
                if same[key.kid] > _MOST_SAME_KID:
                    what = say("more than {most} keys have this id", most=_MOST_SAME_KID)
                    raise _BadValue("kid", what)  # noqa: TRY301 - one exit
            except _BadValue as bad:
                self._complain(at, f"[{number}].{bad.key}" if bad.key else f"[{number}]", str(bad))
            else:
                yield key
        if not same and not self.complaints:
            self._complain(0, "file", say("no key in it; compile the list again from the signers' certificates"))

    def _entries(self) -> Iterator[tuple[int, object]]:
        """Yield each entry of the list with its place; ends with a complaint where the JSON does."""
        decoder = json.JSONDecoder(object_pairs_hook=_once)
        at = self._skip(0)
        try:
            at = self._expect(at, "[")
            more = self.text[at : at + 1] != "]"
            while more:
                value, end = decoder.raw_decode(self.text, at)
                yield at, value
                at = self._skip(end)
                more = self.text[at : at + 1] == ","
                if more:
                    at = self._skip(at + 1)
            at = self._expect(at, "]")
            if at != len(self.text):
                self._complain(at, "syntax", say("something stands behind the list"))
        except json.JSONDecodeError as error:
            self._complain(error.pos, "syntax", say("no JSON list of keys: {problem}", problem=error.msg))
        except _DuplicateKey as error:
            self._complain(at, "syntax", say("{name} stands twice in this entry", name=shown(str(error))))
        except (RecursionError, ValueError):  # ValueError: an integer of thousands of digits
            self._complain(at, "syntax", say("nested too deep, or a number too long"))

    def _expect(self, at: int, sign: str) -> int:
        if self.text[at : at + 1] != sign:
            raise json.JSONDecodeError(say("{sign} must stand here", sign=sign), self.text, at)
        return self._skip(at + 1)

    def _skip(self, at: int) -> int:
        space = _SPACE.match(self.text, at)
        return at if space is None else space.end()

    def _complain(self, at: int, key: str, message: str) -> None:
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        self.complaints.append(Complaint(self.file, line, column, key, message))


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _DuplicateKey(next(name for name in names if names.count(name) > 1))
    return found


def _key(value: object) -> TrustedKey:
    """Check one entry."""
    if not isinstance(value, dict):
        raise _BadValue("", say("each entry is an object with {keys}", keys=", ".join(_KEYS)))
    for name in value:
        if name not in _KEYS:
            raise _BadValue(shown(str(name)), say("there is no such key; write {keys}", keys=", ".join(_KEYS)))
    for name in _KEYS:
        if name not in value:
            raise _BadValue(name, say("missing"))
    not_before_s, not_after_s = _time_s(value, "not_before"), _time_s(value, "not_after")
    if not_before_s >= not_after_s:
        raise _BadValue("not_after", say("not later than not_before"))
    alg = ALGORITHMS.get(value["alg"]) if isinstance(value["alg"], str) else None
    if alg is None:
        raise _BadValue("alg", say("write ES256 or PS256"))
    return TrustedKey(
        kid=_bytes(value, "kid", range(1, 65)),
        alg=alg,
        public_key=_public_key(_bytes(value, "key", range(1, 4_097)), alg),
        use=_use(value["use"]),
        country=_country(value["country"]),
        not_before_s=not_before_s,
        not_after_s=not_after_s,
    )


def _bytes(value: dict[str, object], name: str, lengths: range) -> bytes:
    text = value[name]
    try:
        decoded = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) not in lengths:
        raise _BadValue(name, say("base64 of {least} to {most} bytes", least=lengths.start, most=lengths.stop - 1))
    return decoded


def _public_key(spki: bytes, alg: int) -> EllipticCurvePublicKey | RSAPublicKey:
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise _BadValue("key", say("no SubjectPublicKeyInfo; compile the list again")) from None
    wrong = unusable(key)
    if wrong is not None:
        raise _BadValue("key", wrong)
    assert isinstance(key, EllipticCurvePublicKey | RSAPublicKey)
    if isinstance(key, EllipticCurvePublicKey) != (alg == ES256):
        raise _BadValue("alg", say("ES256 goes with a P-256 key and PS256 with an RSA key"))
    return key


def _use(value: object) -> frozenset[str]:
    if (
        not isinstance(value, list)
        or not value
        or not all(use in USES for use in value)
        or len(set(value)) < len(value)
    ):
        raise _BadValue("use", say('a list of some of "v", "t", "r", each once'))
    return frozenset(value)


def _country(value: object) -> str | None:
    if value is not None and not (isinstance(value, str) and COUNTRY.fullmatch(value)):
        raise _BadValue("country", say("two capital letters, or null"))
    return value if isinstance(value, str) else None


def _time_s(value: dict[str, object], name: str) -> int:
    text = value[name]
    try:
        if isinstance(text, str) and len(text) == len("2021-12-20T00:00:00Z"):
            return int(datetime.strptime(text, _TIME).replace(tzinfo=UTC).timestamp())
    except ValueError:
        pass
    raise _BadValue(name, say("a time in UTC as 2021-12-20T00:00:00Z"))
