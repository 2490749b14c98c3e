"""Bundles as a hub signs them, without a hub."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from device.crypto.signing import SigningKey
from device.wire.bundle import Bundle, BundleKind, Head, read_bundle, sign_head
from tests.support.fake_enrolment import ROOT

MADE_MS = 1_767_225_600_000
"""2026-01-01, as `tests.support.fakes.FakeClock` begins."""


def bundle_bytes(kind: BundleKind, version: int, content: bytes, *, root: SigningKey = ROOT, **more: object) -> bytes:
    """Return a bundle as it travels; *more* are other attributes of its head."""
    head = Head(kind, version, MADE_MS, MADE_MS + 90 * 86_400_000, len(content), hashlib.sha256(content).digest())
    return sign_head(replace(head, **more), root) + content  # type: ignore[arg-type]


def bundle(kind: BundleKind, version: int, content: bytes, *, root: SigningKey = ROOT, **more: object) -> Bundle:
    """Return the same, read."""
    return read_bundle(bundle_bytes(kind, version, content, root=root, **more), [root.public])
