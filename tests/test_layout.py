"""What lies where, what is depended on, and what a lock must hold."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
FIXED = {"device", "systemd", "config", "tests", "setup.sh", "README.md"}
TOOLS = {
    "pyproject.toml",
    "requirements",
    ".ci",
    ".gitignore",
    ".shellcheckrc",
    "CHANGELOG.md",
    "DECISIONS.md",
    "LICENSE",
}
LOCKS = ("gate", "hub", "dev", "browser", "pi")
FROM_APT = {"picamera2", "lgpio", "numpy", "pillow"}
BUILT_IN_PLACE = {"gate-scanner"}


def top_level() -> set[str]:
    """Return what lies at the top of the checkout and is not ignored by git."""
    ignored = [".git", *(line.strip("/") for line in (CHECKOUT / ".gitignore").read_text().split())]
    found = [path.name for path in CHECKOUT.iterdir()]
    return {name for name in found if not any(fnmatch(name, pattern) for pattern in ignored)}


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def pins(lock: str) -> dict[str, list[tuple[str, int]]]:
    """Return each package of a lock with its versions and how many hashes each has."""
    found: dict[str, list[tuple[str, int]]] = {}
    text = (CHECKOUT / "requirements" / f"{lock}.txt").read_text()
    for entry in re.sub(r"\\\n", " ", text).splitlines():
        pinned = re.match(r"(?P<name>[a-z0-9-]+)==(?P<version>\S+)", entry)
        assert pinned, f"{lock}.txt: {entry[:60]} is not pinned"
        hashes = re.findall(r"--hash=sha256:[0-9a-f]{64}(?= |$)", entry)
        found.setdefault(pinned["name"], []).append((pinned["version"], len(hashes)))
    return found


def wanted(lock: str) -> list[Requirement]:
    """Return what the project itself asks for in a lock."""
    asked = PROJECT["dependencies"] + EXTRAS.get(lock, []) if lock != "pi" else PROJECT["dependencies"]
    asked = asked + EXTRAS["dev"] if lock == "browser" else asked
    asked = asked + EXTRAS["hub"] if lock in {"dev", "browser"} else asked
    without = BUILT_IN_PLACE | (FROM_APT if lock == "pi" else set())
    return [r for line in asked if canonicalize_name((r := Requirement(line)).name) not in without]


def test_the_top_level_is_the_fixed_one() -> None:
    assert FIXED - top_level() == set()
    assert top_level() - FIXED - TOOLS == set()


def test_the_five_packages_of_the_project_are_direct_dependencies() -> None:
    assert {"pyzbar", "gpiozero", "requests", "pyyaml"} <= names(PROJECT["dependencies"])
    assert names(EXTRAS["pi"]) == {"picamera2", "lgpio"}


def test_the_version_is_the_same_in_both_places() -> None:
    said = re.search(r'^__version__ = "(.+)"$', (CHECKOUT / "device/__init__.py").read_text(), re.MULTILINE)
    assert said
    assert said[1] == PROJECT["version"]


def test_what_a_gate_installs_holds_no_benchmark_and_no_test(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "flit_core.wheel", "--outdir", str(tmp_path)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True)
    (wheel,) = tmp_path.iterdir()
    words = {file: set(re.findall(r"[a-z0-9]+", file.lower())) for file in zipfile.ZipFile(wheel).namelist()}
    assert [file for file, said in words.items() if said & {"bench", "benchmark", "test", "tests"}] == []
    assert {"device/doctor/card.py", "device/doctor/service.py"} <= set(words)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_has_a_version_and_hashes(lock: str) -> None:
    bare = [name for name, versions in pins(lock).items() if not all(hashes for _, hashes in versions)]
    assert bare == []
    assert len(pins(lock)) > 10


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_what_the_project_asks_for(lock: str) -> None:
    locked = pins(lock)
    wrong = [
        str(asked)
        for asked in wanted(lock)
        if not (versions := locked.get(canonicalize_name(asked.name)))
        or not all(version in asked.specifier for version, _ in versions)
    ]
    assert wrong == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_can_build_the_package_itself(lock: str) -> None:
    assert "flit-core" in pins(lock)


def test_the_lock_for_the_pi_leaves_to_apt_what_must_match_its_system() -> None:
    assert FROM_APT & set(pins("pi")) == set()


@pytest.mark.parametrize("package", ["requests", "cryptography", "pydantic", "pyyaml", "zxing-cpp", "pyzbar"])
def test_every_lock_has_the_same_version_of_a_package(package: str) -> None:
    assert len({str(pins(lock)[package]) for lock in LOCKS}) == 1


def test_no_lock_and_no_setting_names_a_registry_or_a_folder_of_a_machine() -> None:
    places = [*(CHECKOUT / "requirements").iterdir(), *(CHECKOUT / name for name in ("pyproject.toml", "setup.sh"))]
    wrong = [
        p.name for p in places if re.search(r"://|index-url|find-links|(?<![\w.])/(home|root|work)/", p.read_text())
    ]
    assert wrong == []
