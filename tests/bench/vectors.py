"""Published test vectors of certificates, each judged end to end: text in, verdict out, at its own clock.

A folder is searched for JSON files in the form of the European quality assurance repositories
(``dcc-quality-assurance``), one vector a file::

    {"PREFIX": "HC1:…",
     "TESTCTX": {"CERTIFICATE": "MII…", "VALIDATIONCLOCK": "2021-05-18T20:00:00+02:00"},
     "EXPECTEDRESULTS": {"EXPECTEDVERIFY": true, "EXPECTEDEXPIRATIONCHECK": false}}

The vector's own certificate is compiled as the whole trust list, by the code of ``trust compile``. Where a
vector expects a failing, the reason must be one of that failing; where it expects none, the certificate must
be verified and granted. One that expects a failing and is granted is a false accept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from device.clock import ClockReading, ClockState
from device.credential import TrustList, recognise
from device.credential.hc1.read import breaks_at
from device.errors import CertificateSkipped
from device.model import Direction, Outcome, Reason, Unrecognised, Verification
from device.policy import Recent, Situation, decide
from device.policy.rules import ON_ITS_MERITS
from device.trust.x509 import certificates_in, trusted_key

VALID = "valid"
_TIMES = frozenset({Reason.CERTIFICATE_EXPIRED, Reason.CERTIFICATE_NOT_YET_VALID, Reason.SIGNER_OUT_OF_DATE})
_MALFORMED = frozenset({Reason.CERTIFICATE_MALFORMED})
FAILINGS: Mapping[str, frozenset[Reason]] = {
    "EXPECTEDUNPREFIX": frozenset({Reason.UNKNOWN_CODE, *_MALFORMED}),
    "EXPECTEDB45DECODE": _MALFORMED,
    "EXPECTEDCOMPRESSION": _MALFORMED,
    "EXPECTEDDECODE": _MALFORMED,
    "EXPECTEDVERIFY": frozenset({Reason.SIGNATURE_WRONG, Reason.SIGNER_UNKNOWN, *_MALFORMED}),
    "EXPECTEDSCHEMAVALIDATION": _MALFORMED,
    "EXPECTEDKEYUSAGE": frozenset({Reason.SIGNER_NOT_ALLOWED}),
    "EXPECTEDEXPIRATIONCHECK": _TIMES,
}
"""What a vector can expect to fail, and the reasons that say so. Other expectations are about pictures and encoders."""

_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Judged:
    """One vector and what came of it.

    Attributes:
        name: its file under the folder.
        expected: `VALID`, or the expectation that is to fail.
        as_expected: whether it came out so.
        let_in: whether it was granted.
        told: what came out, and what is known of why.
    """

    name: str
    expected: str
    as_expected: bool
    let_in: bool
    told: str

    @property
    def false_accept(self) -> bool:
        """Whether something was let in that is to fail."""
        return self.let_in and self.expected != VALID


class _Unusable(Exception):
    """A file that is no vector, and why."""


def judge_folder(folder: Path) -> list[Judged]:
    """Judge every vector under a folder, in the order of the names."""
    return list(_judged(folder))


def _judged(folder: Path) -> Iterator[Judged]:
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).as_posix()
        try:
            yield _judge(name, *_read(path))
        except _Unusable as why:
            yield Judged(name, VALID, as_expected=False, let_in=False, told=str(why))


def _read(path: Path) -> tuple[bytes, bytes, int, str]:
    """Return text, certificate, clock (Unix milliseconds) and expectation of a vector."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_MOST_BYTES).decode("utf-8-sig"))
        context, expected = found["TESTCTX"], found["EXPECTEDRESULTS"]
        text, certificate, clock = found["PREFIX"], context["CERTIFICATE"], context["VALIDATIONCLOCK"]
        at = datetime.fromisoformat(clock)
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        failing = next((name for name in FAILINGS if expected.get(name) is False), VALID)
        return text.encode(), certificate.encode(), round(at.timestamp() * 1000), failing
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _Unusable(f"no vector with text, certificate, clock and expectations ({type(error).__name__})") from None


def _judge(name: str, text: bytes, certificate: bytes, at_ms: int, expected: str) -> Judged:
    keys, left_out = [], ""
    try:
        keys = [trusted_key(found) for found in certificates_in(certificate)]
    except (CertificateSkipped, ValueError) as why:
        left_out = f"; its certificate was left out: {why}"
    claim = recognise(text, TrustList(keys))
    if isinstance(claim, Unrecognised):
        told = f"{claim.reason} ({breaks_at(text)}){left_out}"
        return Judged(name, expected, claim.reason in FAILINGS.get(expected, ()), let_in=False, told=told)
    at = ClockReading("0" * 32, 0, at_ms, ClockState.SYNCHRONISED)
    decision = decide(claim, Situation(ON_ITS_MERITS, Recent(), Direction.IN, at))
    let_in = decision.outcome is Outcome.GRANTED
    good = let_in and claim.verified is Verification.YES
    as_expected = good if expected == VALID else not let_in and decision.reason in FAILINGS[expected]
    told = f"{decision.outcome} {decision.reason}{left_out}"
    issued_s = claim.certificate.issued_at_s if claim.certificate is not None else None
    if decision.reason is Reason.CERTIFICATE_NOT_YET_VALID and issued_s is not None:
        told += f"; issued {(issued_s * 1000 - at_ms) / 86_400_000:.1f} days after its clock"
    return Judged(name, expected, as_expected, let_in, told)
