"""What is thrown at a gate as text: everything that must end in a reason, quickly and without harm.

Each text has the reason the gate must give for it; certificates are signed rightly wherever the attack
leaves anything to sign, so that only the attacked layer can refuse them.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import base45
import cbor2

from device.credential import TrustList
from device.model import Reason
from tests.support.issuer import ENTRIES, ISSUED_S, YEAR_S, Issuer, certificate, text_of, token

_CARD = "051090001234|212345678|Nguyễn Văn Thử|05031990|Nam|Quảng Ngãi|15042021"
_MALFORMED = Reason.CERTIFICATE_MALFORMED


@dataclass(frozen=True, slots=True)
class Hostile:
    """One attack.

    Attributes:
        name: what it is.
        payload: the text in the code.
        reason: what the gate must say of it.
    """

    name: str
    payload: bytes
    reason: Reason


def hostile_texts() -> list[Hostile]:
    """Return the attacks on everything but certificates; none is a credential."""
    texts = {
        "empty": b"",
        "one character": b"x",
        "the most a code holds": b"A" * 4_296,
        "100,000 characters": b"A" * 100_000,
        "8 MB of combining marks": "\u0301".encode() * 4_000_000,
        "a code full of combining marks": b"e" + "\u0301".encode() * 2_147,
        "NUL, ESC and BEL": b"\0\x1b[2J\x07\0",
        "line ends": b"a\r\nb\n",
        "direction override": "\u202e051090001234".encode(),
        "lone surrogate": b"\xed\xa0\x80",
        "SQL": b"'; DROP TABLE visitors; --",
        "spreadsheet formula": b"=cmd|'/c calc'!A1",
        "format string": b"{0.__class__}%s%n",
        "path": b"../../etc/passwd",
        "no UTF-8": bytes(range(128, 256)),
        "Shift-JIS": "日本語|テスト".encode("shift_jis"),
        "insurance card of 12 fields": b"5120000001|" + b"41|" * 10,
        "13 digits": b"0510900012345",
        "digits of another script": "٠٥١٠٩٠٠٠١٢٣٤".encode(),
        "fullwidth digits": "０５１０９０００１２３４".encode(),
        "pipes": b"|" * 4_296,
        "another prefix": b"HC2:6BF",
        "lower case prefix": b"hc1:6bf",
    }
    return [Hostile(name, payload, Reason.UNKNOWN_CODE) for name, payload in texts.items()]


def hostile_certificates(signer: Issuer, rsa: Issuer) -> list[Hostile]:
    """Return the attacks on certificates, by and against these two signers (ES256 and PS256)."""
    attacks = {
        **dict(_envelopes(signer)),
        **dict(_contents(signer)),
        **dict(_claims(signer)),
        **dict(_headers(signer, rsa)),
    }
    listed = [Hostile(name, payload, _MALFORMED) for name, payload in attacks.items()]
    payload = cbor2.dumps(token(certificate()))
    signatures = {
        "r and s are 0": signer.message(payload, signature=bytes(64)),
        "r is 0": signer.message(payload, signature=bytes(32) + signer.message(payload)[-32:]),
        "s is 0": signer.message(payload, signature=signer.message(payload)[-64:-32] + bytes(32)),
        "another message's signature": signer.message(payload, signature=signer.message(b"\xa0")[-64:]),
        "ES256 key, PS256 header": signer.message(payload, {1: -37, 4: signer.kid}, signature=bytes(256)),
        "another key, same key id": Issuer.es256(signer.kid).message(payload),
    }
    listed += [Hostile(name, text_of(message), Reason.SIGNATURE_WRONG) for name, message in signatures.items()]
    ids: dict[str, tuple[dict[int, object], dict[int, object]]] = {
        "key id unknown": ({1: -7, 4: b"unknown"}, {}),
        "key id wrong inside, right outside": ({1: -7, 4: b"unknown"}, {4: signer.kid}),
        "no key id": ({1: -7}, {}),
    }
    return listed + [
        Hostile(name, text_of(signer.message(payload, *headers)), Reason.SIGNER_UNKNOWN)
        for name, headers in ids.items()
    ]


def trust_of(*signers: Issuer) -> TrustList:
    """Return a list that trusts these signers with everything, under key ids that two keys share."""
    return TrustList([key for s in signers for key in (Issuer.es256(s.kid).trusted(), s.trusted())])


def _envelopes(signer: Issuer) -> Iterator[tuple[str, bytes]]:
    good = signer.issue()
    stream = zlib.compress(signer.message(cbor2.dumps(token(certificate()))))
    yield "prefix alone", b"HC1:"
    yield "a character outside base45", good[:-1] + b"a"
    yield "a group above 65535", b"HC1:" + b":::" * 100
    yield "length 1 of 3", b"HC1:" + b"AAA" * 33 + b"A"
    yield "base45 of the most a code holds", b"HC1:" + b"A" * 4_292
    yield "not compressed", _packed(signer.message(cbor2.dumps(token(certificate()))))
    yield "zlib cut short", _packed(stream[:-5])
    yield "zlib with something behind it", _packed(stream + b"x")
    yield "zlib bomb", text_of(bytes(2_900_000))
    yield "line end behind it", good + b"\n"


def _contents(signer: Issuer) -> Iterator[tuple[str, bytes]]:
    plain = cbor2.dumps(token(certificate()))
    raw = {
        "4,000 deep": b"\x81" * 4_000 + b"\x00",
        "array of 2^63": b"\x9b\x80" + bytes(7),
        "map of 2^63": b"\xbb\x80" + bytes(7),
        "bytes of 2^40": b"\x5b\x00\x00\x01" + bytes(5),
        "endless array": b"\x9f" + b"\x00" * 8_000,
        "endless arrays": b"\x9f" * 8_000,
        "string without a length": b"\x7f\x61a\xff",
        "a key twice": b"\xa5" + plain[1:] + b"\x01\x62VN",
        "a key twice, written longer": b"\xa5" + plain[1:] + b"\x18\x01\x62VN",
        "something behind it": plain + b"\x00",
        "empty": b"",
    }
    for tag in (2, 4, 28, 29, 35, 36):
        raw[f"tag {tag}"] = cbor2.dumps(token(cbor2.CBORTag(tag, certificate())))
    raw["number of a billion digits"] = cbor2.dumps(token(certificate("v", dn=cbor2.CBORTag(4, [10**9, 1]))))
    raw["regular expression"] = cbor2.dumps(token(certificate("v", ci=cbor2.CBORTag(35, "(a+)+$"))))
    raw["cycle"] = b"\xd8\x1c\x81\xd8\x1d\x00"
    for name, payload in raw.items():
        yield f"CBOR: {name}", text_of(signer.message(payload))
        yield f"CBOR outside: {name}", text_of(payload)


def _claims(signer: Issuer) -> Iterator[tuple[str, bytes]]:
    for number in (math.nan, math.inf, -math.inf, 1e300, -1.0):
        yield f"expires {number}", _signed(signer, token(certificate(), expires_s=number))
        yield f"issued {number}", _signed(signer, token(certificate(), issued_s=number))
        yield f"not before {number}", _signed(signer, token(certificate()) | {5: number})
    wrong: dict[str, dict[str, object]] = {
        "two entries": {"v": [ENTRIES["v"]] * 2},
        "two kinds": {"t": [ENTRIES["t"]]},
        "empty list": {"v": []},
        "list of text": {"v": ["text"]},
        "number as name": {"nam": {"fnt": 7}},
        "text as number of doses": {"v": [ENTRIES["v"] | {"dn": "2"}]},
        "-1 doses": {"v": [ENTRIES["v"] | {"dn": -1}]},
        "a dose of no day": {"v": [ENTRIES["v"] | {"dt": "T08:00:00Z"}]},
        "number as day": {"v": [ENTRIES["v"] | {"dt": 20211120}]},
        "born in month 13": {"dob": "2021-13"},
        "born on 31/02": {"dob": "2021-02-31"},
        "born on a day of no month": {"dob": "1988-00-02"},
        "nobody's": {"nam": {}},
    }
    for name, change in wrong.items():
        yield name, _signed(signer, token(certificate() | change))


def _headers(signer: Issuer, rsa: Issuer) -> Iterator[tuple[str, bytes]]:
    payload = cbor2.dumps(token(certificate()))
    yield "algorithm none", text_of(signer.message(payload, {1: None, 4: signer.kid}))
    yield "algorithm 0", text_of(signer.message(payload, {1: 0, 4: signer.kid}))
    yield "algorithm only outside", text_of(signer.message(payload, {4: signer.kid}, {1: -7}))
    yield "RSA key, ES256 header", text_of(rsa.message(payload, {1: -7, 4: rsa.kid}))
    for length in (63, 65, 200):
        yield f"signature of {length} bytes", text_of(signer.message(payload, signature=bytes(length)))


def _signed(signer: Issuer, content: object) -> bytes:
    return text_of(signer.message(cbor2.dumps(content)))


def _packed(content: bytes) -> bytes:
    return b"HC1:" + bytes(base45.b45encode(content))


def judged_cases(signer: Issuer) -> list[tuple[str, bytes, TrustList, int, Reason]]:
    """Return rightly signed certificates that do not hold: name, text, trust list, time, and the reason."""
    everything = TrustList([signer.trusted()])
    tests_only = TrustList([signer.trusted("t")])
    brief = TrustList([signer.trusted(lifetime_s=(ISSUED_S - YEAR_S, ISSUED_S + 10))])
    good = signer.issue()
    return [
        ("signer not allowed for this kind", good, tests_only, ISSUED_S, Reason.SIGNER_NOT_ALLOWED),
        ("signer expired", good, brief, ISSUED_S + 11, Reason.SIGNER_OUT_OF_DATE),
        ("certificate expired", good, everything, ISSUED_S + YEAR_S + 1, Reason.CERTIFICATE_EXPIRED),
        ("issued tomorrow", good, everything, ISSUED_S - 86_400, Reason.CERTIFICATE_NOT_YET_VALID),
    ]
