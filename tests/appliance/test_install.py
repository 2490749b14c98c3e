"""``setup.sh`` on the booted machine, which has everything of a Pi but a network: from a stick, forwards and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.appliance.machine import Aside

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(3000)]
Seen = Callable[[str], str]


@pytest.fixture(scope="module")
def beside(aside: Aside) -> Path:
    """What the machine left: what each command said, its exit code, and lists of files."""
    return aside("install")


@pytest.fixture(scope="module")
def said(beside: Path) -> Seen:
    """What a command said, with its exit code in front."""
    return lambda name: (beside / f"{name}.code").read_text() + (beside / f"{name}.txt").read_text()


def lines(text: str, state: str) -> list[str]:
    return [line.split(maxsplit=1)[1] for line in text.splitlines() if line.startswith(f"{state} ")]


def current(state: str) -> str:
    """Return where ``current`` led."""
    return next(line for line in state.splitlines() if line.startswith("versions/"))


def test_a_pi_gets_camera_packages_from_apt_and_the_service_waits_for_its_site_file(said: Seen, beside: Path) -> None:
    assert said("packages_before").startswith("1\n")
    installed = said("install")
    assert installed.startswith("0\n"), installed
    assert "system packages: python3-picamera2 python3-lgpio" in lines(installed, "changed")
    assert "gate-scanner-mistakes.service runs" in lines(installed, "changed")
    assert "site.yaml:3:9: place.name: this is still the example's; " in installed
    assert "Now say where the gate stands: edit /etc/gate-scanner/site.yaml" in installed
    assert (beside / "unedited.state").read_text().startswith("Result=success\nNRestarts=0\nActiveState=inactive\n")
    assert said("lamps") == "0\nactive\n"


def test_the_service_becomes_ready_by_itself_once_its_site_file_was_edited(said: Seen, beside: Path) -> None:
    state = (beside / "installed.state").read_text()
    assert state.startswith("Result=success\nNRestarts=0\nActiveState=active\n")
    assert said("packages").startswith("0\n")


def test_a_gate_has_no_hub_and_no_demo(said: Seen) -> None:
    code, *folders = said("folders").splitlines()
    assert code == "0"
    assert "gate" in folders
    assert not {"hub", "demo"} & set(folders)


def test_a_second_run_changes_nothing(said: Seen) -> None:
    again = said("install_again")
    assert again.startswith("0\n")
    assert lines(again, "changed") == []
    assert "install: 0 changed, " in again


def test_a_bundle_that_is_not_signed_or_not_by_the_right_hand_is_refused_in_one_line(said: Seen) -> None:
    for name, words in {"unsigned": "is not signed", "stranger": "is not signed by the holder of"}.items():
        code, *rest = said(name).splitlines()
        assert (code, len(rest)) == ("1", 1)
        assert words in rest[0]
        assert "nothing was changed" in rest[0]


def test_an_upgrade_from_a_stick_runs_and_a_rollback_brings_the_version_before(said: Seen, beside: Path) -> None:
    assert said("upgrade").startswith("0\n")
    assert said("rollback").startswith("0\n")
    first, upgraded, back = (
        (beside / f"{name}.state").read_text() for name in ("installed", "after_upgrade", "after_rollback")
    )
    assert "ActiveState=active" in upgraded
    assert "versions/0.2.0-next-py313/bin/python" in upgraded
    assert current(upgraded) == "versions/0.2.0-next-py313"
    assert current(back) == current(first)
    assert f"{current(first)}/bin/python" in back


@pytest.mark.parametrize(("name", "why"), [("broken", "it did not start"), ("blind", "it had reached")])
def test_a_version_that_does_less_is_given_up_and_the_old_one_runs_again(
    said: Seen, beside: Path, name: str, why: str
) -> None:
    upgrade = said(name)
    assert upgrade.startswith("1\n")
    assert "version 0.2.0-next-py313 was given up at " in upgrade
    assert why in upgrade
    first, after = ((beside / f"{state}.state").read_text() for state in ("installed", f"after_{name}"))
    assert "ActiveState=active" in after
    assert current(after) == current(first)
    assert f"{current(first)}/bin/python" in after


def test_the_reason_is_kept_for_the_journal_and_for_whoever_comes_next(said: Seen) -> None:
    assert "this version is broken" in said("broken")
    assert "version 0.2.0-next-py313 was given up at " in said("told")
    assert said("journal").count("version 0.2.0-next-py313 was given up at ") == 2


def test_uninstalling_leaves_no_trace_but_the_data(said: Seen, beside: Path) -> None:
    assert said("uninstall").startswith("0\n")
    assert "uninstall: 0 changed, " in said("uninstall_again")
    before, after = (set((beside / f"{name}.files").read_text().splitlines()) for name in ("before", "after"))
    packages = ("/usr/lib/python3/dist-packages/", "/etc/apt/")
    left = {path for path in after - before if not path.startswith(packages)}
    assert left == {
        "/etc/gate-scanner/site.yaml",
        "/etc/gate-scanner/update.pub",
    }
    assert said("site").splitlines()[1:] == (beside / "site.yaml").read_text().splitlines()
    assert said("units") == "1\n"  # list-unit-files found none
