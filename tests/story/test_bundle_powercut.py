"""The power goes at every step of installing a bundle: the old one is there whole, or the new one."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from device.store.bundle_store import FOLDER, BundleStore
from device.wire.bundle import BundleKind
from tests.bench.powercut_disk import Disk
from tests.bench.powercut_trace import Told, trace
from tests.support.children import python_module
from tests.support.fake_bundles import bundle_bytes
from tests.support.fake_enrolment import ROOT

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
CONTENT = {version: f"version: market-{version}\n".encode() * 400 for version in (1, 2, 3)}
CUTS_A_STEP = 12


def test_after_a_power_cut_at_any_step_the_old_bundle_or_the_new_one_is_there_whole(tmp_path: Path) -> None:
    files = []
    for version, content in CONTENT.items():
        (tmp_path / str(version)).write_bytes(bundle_bytes(BundleKind.POLICY, version, content))
        files.append(str(tmp_path / str(version)))
    state = (tmp_path / "state").resolve()
    state.mkdir()
    command = [*python_module("tests.story.keeping"), str(state), ROOT.public.hex(), *files]
    steps = trace(command, state / FOLDER, tmp_path / "trace", prefix="")
    assert [step.line for step in steps if isinstance(step, Told)] == [f"kept policy {n}" for n in CONTENT]
    disk, chance, told, seen = Disk(), random.Random(7), 0, set[int]()
    for step in steps:
        if isinstance(step, Told):
            told = int(step.line.split()[-1])
        else:
            disk.apply(step)
        for _ in range(CUTS_A_STEP):
            version = found_after(disk.after_a_cut(chance), tmp_path / "cut")
            assert version in {told, told + 1}
            seen.add(version)
    assert seen == {0, 1, 2, 3}


def found_after(remains: dict[str, bytes], state: Path) -> int:
    """Lay out a card, open it as a gate does, and return which version is in force; 0 for none yet."""
    shutil.rmtree(state, ignore_errors=True)
    (state / FOLDER).mkdir(parents=True)
    for name, content in remains.items():
        (state / FOLDER / name).write_bytes(content)
    kept = BundleStore(state, ROOT.public, "gate-1")
    bundle = kept.read(BundleKind.POLICY)
    if bundle is None:
        assert kept.floor(BundleKind.POLICY) == 0
        return 0
    assert bundle.content == CONTENT[bundle.head.version]
    assert kept.floor(BundleKind.POLICY) == bundle.head.version
    return bundle.head.version
