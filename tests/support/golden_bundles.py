"""The golden policy bundle: who signs it, its bytes, and what it says."""

from __future__ import annotations

import hashlib
from pathlib import Path

from device.crypto.signing import SigningKey
from device.wire.bundle import (
    BundleKind,
    Head,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "bundle"
ROOT = SigningKey(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
SUCCESSOR = SigningKey(bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"))
POLICY = (GOLDEN / "policy.bundle").read_bytes()
CONTENT = b"version: market-2026-01\nvalid_from: 2026-01-01\naccept: [citizen-card]\n"
SAID = Head(
    BundleKind.POLICY,
    7,
    1_767_225_600_000,
    1_775_001_600_000,
    len(CONTENT),
    hashlib.sha256(CONTENT).digest(),
    successor=SUCCESSOR.public,
)
ROOTS = (ROOT.public,)
