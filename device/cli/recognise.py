"""``gate-scanner recognise``: what each code on standard input is, and what the gate would answer.

Payloads come on standard input as bytes, one a line, split on LF alone: a space or CR at the end belongs
to the payload. ``--null`` splits on NUL. Every payload, an empty one too, gives one JSON object on one line:

kind      see `device.model.credential.CodeKind`
verified  ``yes no unchecked not-applicable``: the signature of a certificate, ``no`` for a malformed one;
          whether it has expired is told by outcome and reason
outcome   ``granted referred denied``; null when the code is no credential (nobody is answered for it)
reason    see `device.model.decision.Reason`
holder    what a screen may show of the person; null when there is none

Each payload is judged as if nobody had come before. Without a policy a certificate is judged on its own
merits, signature and dates (its time of issue may lie a week ahead: issuers' clocks differ), and every other
credential is recorded.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BufferedIOBase
from typing import cast

from device.cli.argument_types import a_path
from device.cli.arguments import add_example
from device.clock import ClockReading, ClockState, SystemClock
from device.credential import TrustList, masked, recognise
from device.credential.text import MOST_BYTES
from device.model import CodeKind, Credential, Direction, Outcome, Reason, Unrecognised, Verification
from device.policy import Policy, Recent, Situation, decide
from device.policy.rules import ON_ITS_MERITS
from device.settings.load import load_policy
from device.trust.trust_list import load_trust

_BLOCK_BYTES = 65_536


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``recognise``."""
    parser.description = (
        "Say what each code on standard input is, and what this gate would answer: one payload a line in, one JSON "
        "object a line out, with kind, verified, outcome (granted, referred, denied; null for what is no credential), "
        "reason, and what a screen may show of the person (holder). Nothing is recorded."
    )
    exits = "0 all were answered, 2 a wrong word, 78 the policy or the trust list has mistakes"
    add_example(parser, "--policy policy.yaml < payloads.txt", exits)
    parser.add_argument("--policy", type=a_path, metavar="FILE", help="judge by this policy, even before it begins")
    parser.add_argument("--trust", type=a_path, metavar="FILE", help="the signers' keys, from: trust compile")
    parser.add_argument(
        "--at", type=_moment, metavar="TIME", help="judge as of this time (ISO 8601; UTC unless it says)"
    )
    parser.add_argument("--null", action="store_true", help="payloads are separated by NUL instead of LF")


def run(args: argparse.Namespace) -> int:
    """Answer every payload; 0, or 78 when the policy or trust file has a mistake."""
    policy = ON_ITS_MERITS if args.policy is None else load_policy(args.policy)
    trust = None if args.trust is None else load_trust(args.trust)
    clock = SystemClock()
    for payload in payloads(cast("BufferedIOBase", sys.stdin.buffer), b"\0" if args.null else b"\n"):
        at = clock.reading() if args.at is None else _reading(args.at)
        print(json.dumps(answer(payload, policy, trust, at), ensure_ascii=True), flush=True)
    return 0


def answer(payload: bytes, policy: Policy, trust: TrustList | None, at: ClockReading) -> dict[str, object]:
    """Say what one payload is and what the gate would answer at that time."""
    claim = recognise(payload, trust)
    if isinstance(claim, Unrecognised):
        malformed = claim.reason is Reason.CERTIFICATE_MALFORMED
        verified = Verification.NO if malformed else Verification.NOT_APPLICABLE
        return _line(claim.kind, verified, None, claim.reason, None)
    decision = decide(claim, Situation(policy, Recent(), Direction.IN, at))
    return _line(claim.kind, claim.verified, decision.outcome, decision.reason, claim)


def _line(
    kind: CodeKind, verified: Verification, outcome: Outcome | None, reason: Reason, holder: Credential | None
) -> dict[str, object]:
    return {
        "kind": kind.value,
        "verified": verified.value,
        "outcome": None if outcome is None else outcome.value,
        "reason": reason.value,
        "holder": None if holder is None else masked(holder) or None,
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
