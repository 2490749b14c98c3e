"""What a hub hands out, as people call it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from device.words import sentence

BUNDLE_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "policy": sentence("policy"),
        "trust": sentence("trust list"),
        "sealing-keys": sentence("sealing keys"),
        "watch-list": sentence("watch list"),
        "roster": sentence("roster"),
    }
)
"""By the words of `device.wire.bundle.BundleKind`, as sentences to say."""
