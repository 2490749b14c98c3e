"""What texts name is there: files, modules and their members, commands of ``gate-scanner`` and of ``setup.sh``."""

from __future__ import annotations

import importlib
import re
import subprocess
from pathlib import Path

import pytest

from device.cli import COMMANDS
from tests.bench.__main__ import BENCHES

CHECKOUT = Path(__file__).parent.parent
TEXTS = sorted(
    path
    for pattern in (
        "*.md",
        "*.toml",
        "setup.sh",
        ".ci/*",
        "systemd/*",
        "config/**/*",
        "tests/**/*.md",
        "requirements/*",
    )
    for path in CHECKOUT.glob(pattern)
    if path.is_file() and path.suffix not in {".svg", ".png", ".txt"}
)
SOURCES = sorted(path for folder in ("device", "tests") for path in (CHECKOUT / folder).rglob("*.py"))
PLACE = re.compile(r"(?<![\w./$-])((?:device|tests|systemd|config|requirements)/[\w./-]*[\w/])")
MEMBER = re.compile(r"(?<![\w./-])((?:device|tests)(?:\.\w+)+)(?!\w|/|\()")
BENCH = re.compile(r"setup\.sh bench ([a-z]\w+)")
COMMAND = re.compile(r"(?:`|bin/|-u gate-\w+ |^ *)gate-scanner ([a-z][a-z-]+)", re.MULTILINE)
SETUP = re.compile(r"(?<!\w)\./setup\.sh ([a-z]+)")
NO_MODULE = {"device.key", "device.cli.NAME", "tests.bench.NAME"}
"""The name of a file, and what stands for many."""


def name(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def is_there(dotted: str) -> bool:
    """Return whether a dotted name leads to a module, or to a member of one."""
    parts = dotted.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:]:
            fields = getattr(found, "__dataclass_fields__", {})
            if part not in fields and not hasattr(found, part):
                return False
            found = getattr(found, part, None)
        return True
    return False


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_a_text_names_only_files_and_members_that_are_there(path: Path) -> None:
    text = path.read_text("utf-8")
    missing = [place for place in PLACE.findall(text) if not (CHECKOUT / place.rstrip(".")).exists()]
    missing += [member for member in MEMBER.findall(text) if member not in NO_MODULE and not is_there(member)]
    assert missing == []


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_a_text_names_only_commands_that_are_there(path: Path) -> None:
    text = path.read_text("utf-8")
    help_text = subprocess.run([CHECKOUT / "setup.sh", "help"], capture_output=True, text=True, check=True).stdout
    assert set(COMMAND.findall(text)) <= set(COMMANDS)
    assert set(SETUP.findall(text)) <= set(SETUP.findall(help_text))
    assert set(BENCH.findall(text)) <= set(BENCHES)


def test_docstrings_name_only_modules_and_members_that_are_there() -> None:
    mentions = {
        (name(path), member)
        for path in SOURCES
        for member in re.findall(r"`((?:device|tests)(?:\.\w+)+)`", path.read_text("utf-8"))
        if member not in NO_MODULE
    }
    assert {mention for mention in mentions if not is_there(mention[1])} == set()


def test_what_is_gone_would_be_seen() -> None:
    assert is_there("device.gate.scan.scan")
    assert not is_there("device.gate.scan.skan")
    assert not is_there("device.gait")
    assert PLACE.findall("see device/gate/scan.py, or `tests/bench`.") == ["device/gate/scan.py", "tests/bench"]
