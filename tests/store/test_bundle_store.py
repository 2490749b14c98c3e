"""The last good bundle stays, whatever comes after it; no older one comes back; no people list is ever written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from device.crypto.signing import SigningKey
from device.errors import BundleRefused
from device.store.bundle_store import FOLDER, BundleStore
from device.wire.bundle import BundleKind
from tests.support.fake_bundles import bundle, bundle_bytes
from tests.support.fake_enrolment import ROOT

POLICY, TRUST, WATCH = BundleKind.POLICY, BundleKind.TRUST, BundleKind.WATCH_LIST


def store_in(folder: Path, device_id: str = "gate-1") -> BundleStore:
    return BundleStore(folder, ROOT.public, device_id)


def kept(folder: Path, kind: BundleKind = POLICY) -> tuple[int, bytes] | None:
    found = store_in(folder).read(kind)
    return None if found is None else (found.head.version, bytes(found.content))


def test_what_was_kept_is_there_after_a_restart_and_the_newer_takes_its_place(tmp_path: Path) -> None:
    assert kept(tmp_path) is None
    assert not (tmp_path / FOLDER).exists()
    store_in(tmp_path).keep(bundle(POLICY, 7, b"seven"))
    assert kept(tmp_path) == (7, b"seven")
    store_in(tmp_path).keep(bundle(POLICY, 9, b"nine"))
    assert kept(tmp_path) == (9, b"nine")
    assert kept(tmp_path, TRUST) is None


def test_only_the_owner_reads_what_is_kept(tmp_path: Path) -> None:
    store_in(tmp_path).keep(bundle(POLICY, 7, b"seven"))
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / FOLDER).iterdir()} == {0o600}


def test_an_older_version_is_refused_after_a_restart_too_and_the_same_one_is_not(tmp_path: Path) -> None:
    store_in(tmp_path).keep(bundle(POLICY, 7, b"seven"))
    again = store_in(tmp_path)
    again.judge(bundle(POLICY, 7, b"seven").head, POLICY)
    again.judge(bundle(POLICY, 8, b"eight").head, POLICY)
    with pytest.raises(BundleRefused, match="version 6 is older than 7"):
        again.judge(bundle(POLICY, 6, b"six").head, POLICY)


def test_another_kind_and_another_gates_bundle_are_refused(tmp_path: Path) -> None:
    mine = bundle(POLICY, 7, b"seven", device_id="gate-1").head
    store_in(tmp_path).judge(mine, POLICY)
    with pytest.raises(BundleRefused, match="another gate"):
        store_in(tmp_path, "gate-2").judge(mine, POLICY)
    with pytest.raises(BundleRefused, match="kind policy"):
        store_in(tmp_path).judge(mine, TRUST)


def test_of_a_people_list_only_the_version_is_written(tmp_path: Path) -> None:
    content = bytes(range(32)) + b"DIGEST-1DIGEST-2"
    store_in(tmp_path).keep(bundle(WATCH, 5, content))
    assert store_in(tmp_path).floor(WATCH) == 5
    assert store_in(tmp_path).read(WATCH) is None
    files = list((tmp_path / FOLDER).iterdir())
    assert [path.name for path in files] == ["floors.json"]
    assert b"DIGEST" not in files[0].read_bytes()


def test_a_kept_bundle_is_its_own_floor_when_its_version_was_not_noted_any_more(tmp_path: Path) -> None:
    store_in(tmp_path).keep(bundle(POLICY, 7, b"seven"))
    (tmp_path / FOLDER / "floors.json").unlink()
    again = store_in(tmp_path)
    assert again.read(POLICY) is not None
    assert again.floor(POLICY) == 7


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"floors": {"policy": -1}, "succession": []}', b'{"floors": [], "succession": 1}']
)
def test_damaged_versions_are_told_and_cost_no_bundle(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    store_in(tmp_path).keep(bundle(POLICY, 7, b"seven"))
    (tmp_path / FOLDER / "floors.json").write_bytes(damage)
    assert kept(tmp_path) == (7, b"seven")
    assert "event=bundle-versions-unreadable" in caplog.text


@pytest.mark.parametrize("cut", [0, 10, 200, -1])
def test_a_kept_bundle_that_is_no_longer_whole_is_none_and_says_so(
    tmp_path: Path, cut: int, caplog: pytest.LogCaptureFixture
) -> None:
    store_in(tmp_path).keep(bundle(POLICY, 7, b"seven"))
    path = tmp_path / FOLDER / "policy.bundle"
    path.write_bytes(path.read_bytes()[:cut])
    assert kept(tmp_path) is None
    assert "event=kept-bundle-unusable kind=policy" in caplog.text
    store_in(tmp_path).keep(bundle(POLICY, 7, b"seven"))
    assert kept(tmp_path) == (7, b"seven")


def test_a_bundle_put_on_the_card_by_somebody_else_is_none(tmp_path: Path) -> None:
    store_in(tmp_path).keep(bundle(POLICY, 7, b"seven"))
    (tmp_path / FOLDER / "policy.bundle").write_bytes(bundle_bytes(POLICY, 9, b"theirs", root=SigningKey.new()))
    assert kept(tmp_path) is None


def test_a_successor_to_the_root_is_remembered_and_only_the_newest_counts_for_what_comes_in(tmp_path: Path) -> None:
    successor = SigningKey.new()
    first = store_in(tmp_path)
    first.keep(bundle(POLICY, 7, b"seven", successor=successor.public))
    assert first.roots == store_in(tmp_path).roots == (ROOT.public, successor.public)
    assert kept(tmp_path) == (7, b"seven")
    store_in(tmp_path).keep(bundle(TRUST, 3, b"three", root=successor))
    assert kept(tmp_path, TRUST) == (3, b"three")


def test_roots_that_changed_twice_while_the_gate_was_away_are_followed_and_kept(tmp_path: Path) -> None:
    second, third = SigningKey.new(), SigningKey.new()
    words = [
        bundle(POLICY, 7, b"seven", successor=second.public).signed,
        bundle(POLICY, 8, b"eight", root=second, successor=third.public).signed,
    ]
    first = store_in(tmp_path)
    first.succeed(words)
    first.succeed(words)
    assert first.roots == store_in(tmp_path).roots == (ROOT.public, second.public, third.public)
    assert len(json.loads((tmp_path / FOLDER / "floors.json").read_text())["succession"]) == 2
    store_in(tmp_path).succeed([bundle(POLICY, 9, b"x", root=SigningKey.new(), successor=ROOT.public).signed, b"junk"])
    assert store_in(tmp_path).roots == first.roots


def test_a_gate_enrolled_at_another_hub_begins_anew_and_one_whose_root_was_renewed_does_not(
    tmp_path: Path,
) -> None:
    other, successor = SigningKey.new(), SigningKey.new()
    store_in(tmp_path).keep(bundle(POLICY, 7, b"seven", successor=successor.public))
    moved = BundleStore(tmp_path, other.public, "gate-1")
    assert (moved.floor(POLICY), moved.read(POLICY), moved.roots) == (0, None, (other.public,))
    again = BundleStore(tmp_path, successor.public, "gate-1")
    assert (again.floor(POLICY), again.roots) == (7, (successor.public,))
    moved.keep(bundle(POLICY, 2, b"two", root=other))
    assert BundleStore(tmp_path, other.public, "gate-1").floor(POLICY) == 2
