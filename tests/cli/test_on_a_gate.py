"""The command line as a gate has it: without the folders that only a hub or a demo needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from device.cli import COMMANDS
from tests.support.on_a_gate import left_out

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as ``leave_out`` of ``systemd/install.sh`` leaves it."""
    folder = tmp_path_factory.mktemp("gate")
    not_there = shutil.ignore_patterns("hub", "demo", "__pycache__")
    shutil.copytree(CHECKOUT / "device", folder / "device", ignore=not_there)
    for path in (CHECKOUT / "device").rglob("*.py"):
        if left_out(path):
            (folder / path.relative_to(CHECKOUT)).unlink(missing_ok=True)
    return folder


def gate_scanner(installed: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    run = "import sys; sys.path.insert(0, sys.argv.pop(1)); from device.cli import main; sys.exit(main())"
    command = [sys.executable, "-P", "-c", run, str(installed), *words]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"hub"}))
def test_every_command_but_the_hub_has_its_help(installed: Path, command: str) -> None:
    done = gate_scanner(installed, command, "--help")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", [("hub", "init", "x"), ("demo",)])
def test_what_a_gate_has_not_is_told_in_one_line(installed: Path, words: tuple[str, ...]) -> None:
    done = gate_scanner(installed, *words)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"no {words[0]} is installed here (device.{words[0]}")
    assert "./setup.sh" in line


@pytest.mark.parametrize(("words", "why"), [(("hub", "init", "x"), "cài hub"), (("demo",), "cài phần chạy thử")])
def test_what_a_gate_has_not_is_told_in_vietnamese_too(installed: Path, words: tuple[str, ...], why: str) -> None:
    assert gate_scanner(installed, "--lang", "vi", *words).stderr.startswith(f"máy này chưa {why} (thiếu device.")


def test_a_site_file_is_checked_and_a_code_recognised(installed: Path) -> None:
    done = gate_scanner(installed, "check", str(CHECKOUT / "config/minimal.yaml"))
    assert (done.returncode, done.stdout.count("this is still the example's")) == (78, 2)
    done = gate_scanner(installed, "recognise", given="WIFI:T:WPA;S:quan;;\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "wifi" in done.stdout


def test_completion_offers_no_hub_on_a_gate(installed: Path) -> None:
    script = gate_scanner(installed, "completion", "bash").stdout
    assert "status" in script
    assert "retention" not in script
