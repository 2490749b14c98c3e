"""What was under a seal, as a command prints it: a JSON object, in letters that a terminal shows and does not obey."""

from __future__ import annotations

import json
import sys
from typing import Any

from device.crypto.sealed_body import Body


def unsealed_document(body: Body) -> dict[str, Any]:
    """Lay out what the gate decided, and who came."""
    line: dict[str, Any] = {
        "outcome": body.outcome.value,
        "reason": body.reason.value,
        "policy": body.policy_version,
    }
    if body.credential is not None:
        person = body.credential.person
        line |= {"kind": body.credential.kind.value, "verified": body.credential.verified.value}
        line["person"] = {n: getattr(person, n) for n in person.__slots__ if getattr(person, n) is not None}
    return line


def printable(line: str) -> str:
    r"""Return a line of JSON as the terminal can show it: letters as they are, what it would obey as ``\uXXXX``."""
    try:
        line.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return json.dumps(json.loads(line))
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in line)
