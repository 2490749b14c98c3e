"""``gate-scanner recognise``: what is this code, and what would the gate answer?

Payloads come on standard input as bytes, one a line, split on LF alone: a space or CR at the end belongs
to the payload. ``--null`` splits on NUL. Every payload, an empty one too, gives one JSON object on one line:

kind      see `device.model.CodeKind`
verified  ``yes no unchecked not-applicable``; ``yes`` only for a certificate that proves itself *at that
          time*: an expired one, or one broken in its format, is ``no``
outcome   ``granted referred denied``; null when the code is no credential (nobody is answered for it)
reason    see `device.model.Reason`
holder    what a screen may show of the person; null when there is none

Each payload is judged as if nobody had come before.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BufferedIOBase
from pathlib import Path

from device.clock import ClockReading, ClockState, SystemClock
from device.credential import TrustList, masked, recognise, signature_fault, time_fault
from device.credential.text import MOST_BYTES
from device.model import Certificate, Claim, CodeKind, Direction, Unrecognised, Verification
from device.policy import Policy, Recent, decide
from device.settings.complaints import Complaints
from device.trust import load_trust

_BLOCK_BYTES = 65_536


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``recognise``."""
    parser.add_argument("--policy", type=Path, metavar="FILE", help="the policy (YAML); without it: record everyone")
    parser.add_argument("--trust", type=Path, metavar="FILE", help="the signers' keys, from: trust compile")
    parser.add_argument(
        "--at", type=_moment, metavar="TIME", help="judge as of this time (ISO 8601; UTC unless it says)"
    )
    parser.add_argument("--null", action="store_true", help="payloads are separated by NUL instead of LF")


def run(args: argparse.Namespace) -> int:
    """Answer every payload; 0, or 78 when the policy or trust file has a mistake."""
    try:
        trust = None if args.trust is None else load_trust(args.trust)
    except Complaints as mistakes:
        print(mistakes, file=sys.stderr)
        return os.EX_CONFIG
    policy = Policy(version="record-only")
    clock = SystemClock()
    for payload in payloads(sys.stdin.buffer, b"\0" if args.null else b"\n"):
        at = clock.reading() if args.at is None else _reading(args.at)
        print(json.dumps(answer(payload, policy, trust, at), ensure_ascii=True), flush=True)
    return 0


def answer(payload: bytes, policy: Policy, trust: TrustList | None, at: ClockReading) -> dict[str, object]:
    """Say what one payload is and what the gate would answer at that time."""
    claim = recognise(payload, trust)
    if isinstance(claim, Unrecognised):
        return {
            "kind": claim.kind.value,
            "verified": _verified(claim, at).value,
            "outcome": None,
            "reason": claim.reason.value,
            "holder": None,
        }
    decision = decide(claim, policy, Recent(), Direction.IN, at)
    return {
        "kind": claim.kind.value,
        "verified": _verified(claim, at).value,
        "outcome": decision.outcome.value,
        "reason": decision.reason.value,
        "holder": masked(claim) or None,
    }


def payloads(stream: BufferedIOBase, separator: bytes) -> Iterator[bytes]:
    """Split a stream into payloads; one that is longer than any code is cut, and stays too long.

    What stands behind the last separator is a payload unless it is empty.
    """
    begun = b""
    while block := stream.read1(_BLOCK_BYTES):
        first, *rest = block.split(separator)
        begun = (begun + first)[: MOST_BYTES + 1]
        for piece in rest:
            yield begun
            begun = piece[: MOST_BYTES + 1]
    if begun:
        yield begun


def _verified(claim: Claim, at: ClockReading) -> Verification:
    """Say whether the code proves itself at that time."""
    if isinstance(claim, Unrecognised):
        return Verification.NO if claim.kind is CodeKind.HC1 else Verification.NOT_APPLICABLE
    if claim.verified is Verification.YES and not _holds(claim.certificate, at):
        return Verification.NO
    return claim.verified


def _holds(certificate: Certificate | None, at: ClockReading) -> bool:
    return (
        certificate is not None
        and signature_fault(certificate) is None
        and time_fault(certificate, at.wall_ms // 1000) is None
    )


def _moment(text: str) -> int:
    """Read ISO 8601 as Unix milliseconds."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError("a time as 2026-01-31T08:00:00+07:00") from None


def _reading(wall_ms: int) -> ClockReading:
    """Return a look at a clock that is trusted and says this."""
    return ClockReading(boot_id="0" * 32, monotonic_ms=0, wall_ms=wall_ms, state=ClockState.SYNCHRONISED)
