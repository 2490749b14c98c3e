"""Drafts: what is published is what was looked at, and nothing lies about for long."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.errors import ConfigurationError
from device.hub.publishing.drafts import LIVES_MS, Drafts
from device.wire.bundle import BundleKind
from tests.support.fakes import FakeClock

POLICY, ROSTER = BundleKind.POLICY, BundleKind.ROSTER


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def drafts(tmp_path: Path, clock: FakeClock) -> Drafts:
    return Drafts(tmp_path, lambda: clock.wall_ms)


def test_a_draft_is_found_by_what_it_is_known_by_until_another_takes_its_place(drafts: Drafts, tmp_path: Path) -> None:
    content = b"version: a\n\x00\nend"
    first = drafts.keep(POLICY, content)
    assert drafts.find(POLICY, first) == content
    assert [drafts.find(POLICY, ""), drafts.find(POLICY, "0" * 64), drafts.find(ROSTER, first)] == [None] * 3
    other = drafts.keep(ROSTER, b"list")
    second = drafts.keep(POLICY, b"version: b\n")
    assert [drafts.find(POLICY, first), drafts.find(ROSTER, other)] == [None, b"list"]
    drafts.drop(POLICY)
    drafts.drop(POLICY)
    assert drafts.find(POLICY, second) is None
    (left,) = (tmp_path / "drafts").iterdir()
    assert (left.stat().st_mode & 0o777, left.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_draft_that_is_too_old_or_damaged_is_gone(drafts: Drafts, clock: FakeClock, tmp_path: Path) -> None:
    known = drafts.keep(POLICY, b"version: a\n")
    clock.advance(LIVES_MS)
    assert drafts.find(POLICY, known) is not None
    clock.advance(1)
    drafts.keep(ROSTER, b"list")  # what nobody went on with goes along
    assert [path.name for path in (tmp_path / "drafts").iterdir()] == ["roster.draft"]
    assert drafts.find(POLICY, known) is None
    (tmp_path / "drafts" / "policy.draft").write_bytes(b"nonsense")
    assert drafts.find(POLICY, known) is None


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "drafts").write_bytes(b"a file")
    with pytest.raises(ConfigurationError, match=r"policy\.draft: cannot be written"):
        Drafts(tmp_path, lambda: 0).keep(POLICY, b"x")
