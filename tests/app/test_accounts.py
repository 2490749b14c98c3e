"""Users of an installed gate: what modes and units let them have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from device.app.accounts import READ, WRITE_INTO, Account

STRANGER = Account("gate-scanner", os.geteuid() + 4_242, frozenset({os.getegid() + 4_242}))


@pytest.fixture
def file() -> Iterator[Path]:
    """A file below folders that everybody may look through; pytest's own are closed."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        made = Path(folder) / "ca.pem"
        made.touch()
        yield made


@pytest.mark.parametrize(("mode", "others", "group", "owner"), [(0o644, 1, 1, 1), (0o640, 0, 1, 1), (0o400, 0, 0, 1)])
def test_the_mode_says_who_may_read_a_file(file: Path, mode: int, others: int, group: int, owner: int) -> None:
    file.chmod(mode)
    found = file.stat()
    users = (STRANGER, replace(STRANGER, groups=frozenset({found.st_gid})), replace(STRANGER, uid=found.st_uid))
    if found.st_uid == 0:  # root may always
        users = (*users[:2], replace(STRANGER, uid=0))
    assert [not user.why_not(file) for user in users] == [bool(others), bool(group), bool(owner)]


def test_what_to_run_is_told(file: Path) -> None:
    file.chmod(0o600)
    assert STRANGER.why_not(file) == (
        f"gate-scanner may not read {file}; run: chgrp gate-scanner {file} && chmod g+rX {file}"
    )


def test_a_folder_above_that_may_not_be_looked_through_is_named(file: Path) -> None:
    file.chmod(0o644)
    file.parent.chmod(0o700)
    assert STRANGER.why_not(file) == (f"gate-scanner may not look into {file.parent}; run: chmod o+x {file.parent}")


def test_the_folders_behind_a_link_count_too(file: Path) -> None:
    closed, link = file.parent / "closed", file.with_name("link.pem")
    closed.mkdir(mode=0o700)
    (closed / "ca.pem").touch(0o644)
    link.symlink_to("closed/ca.pem")
    assert f"may not look into {closed}; " in STRANGER.why_not(link)


def test_making_files_in_a_folder_needs_two_rights(file: Path) -> None:
    for mode, good in ((0o777, True), (0o755, False), (0o766, False)):
        (file.parent / "store").mkdir(exist_ok=True)
        (file.parent / "store").chmod(mode)
        assert (not STRANGER.why_not(file.parent / "store", WRITE_INTO)) is good


def test_what_the_unit_hides_is_told_unless_somebody_has_opened_it(file: Path) -> None:
    file.chmod(0o644)
    hiding = replace(STRANGER, unseen=("/tmp", str(file.parent)))
    assert hiding.why_not(file, READ).startswith("gate-scanner does not see what lies in ")
    for line in (f"BindReadOnlyPaths={file.parent}", f"ReadWritePaths=-{file}", "ProtectHome=no", "PrivateTmp=no"):
        assert replace(hiding, drop_ins=f"[Service]\n{line}\n").why_not(file, READ) == ""


def test_only_the_folder_that_was_opened_is_open() -> None:
    opened = replace(STRANGER, drop_ins="[Service]\n# ReadWritePaths=/mnt\nReadWritePaths=/srv/a '/srv/b:/x'\n")
    paths = ("/srv/a", "/srv/a/b", "/srv/b", "/srv", "/srv/ab", "/mnt", "/srv/a/../c")
    assert [opened.is_opened(Path(path)) for path in paths] == [True, True, True, False, False, False, False]


def test_what_two_users_must_read_is_opened_to_all(file: Path) -> None:
    file.chmod(0o600)
    assert replace(STRANGER, shares=True).why_not(file).endswith(f" may not read {file}; run: chmod a+rX {file}")
