"""The golden catalogue, as bytes and as what it says."""

from __future__ import annotations

from pathlib import Path

from device.wire.bundle import BundleKind
from device.wire.catalogue import Offer, catalogue_of
from tests.support.golden_bundles import CONTENT, POLICY

GOLDEN = Path(__file__).parents[1] / "golden" / "wire"
LISTED = (GOLDEN / "catalogue.json").read_bytes().strip()
WATCH = (GOLDEN.parent / "bundle" / "watch-list.bundle").read_bytes()
OFFERS = (
    Offer(BundleKind.POLICY, 7, len(POLICY)),
    Offer(BundleKind.WATCH_LIST, 1_767_225_600, len(WATCH)),
)
SAID = catalogue_of(OFFERS, [POLICY[: -len(CONTENT)]])
