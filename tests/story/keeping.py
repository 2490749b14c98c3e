"""Keeps one bundle after another, as a process of its own that a test may trace.

Its arguments: the state folder, the root in hexadecimal digits, and the bundles' files.
"""

from __future__ import annotations

import sys
from pathlib import Path

from device.store.bundle_store import BundleStore
from device.wire.bundle import read_bundle

if __name__ == "__main__":
    state, root, *files = sys.argv[1:]
    kept = BundleStore(Path(state), bytes.fromhex(root), "gate-1")
    for file in files:
        bundle = read_bundle(Path(file).read_bytes(), kept.roots)
        kept.keep(bundle)
        sys.stdout.write(f"kept {bundle.head.kind} {bundle.head.version}\n")
        sys.stdout.flush()
