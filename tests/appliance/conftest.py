"""The real parts without a Pi: a Debian tree with real picamera2, a machine with a real GPIO chip; see README.md."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.appliance import workshop as kept
from tests.appliance.aside import ASIDE, PIS
from tests.appliance.machine import HERE, NATIVE, Aside, Count, Look, Machine, look_in_tree, put_visitor

EMULATORS = ("qemu-system-x86_64",) if NATIVE else ("qemu-system-aarch64", "qemu-aarch64-static")
NEEDED = ("mmdebstrap", *EMULATORS, "xz", "mke2fs", "mkfs.vfat", "unshare")
CAMERA = {
    "LD_PRELOAD": "/usr/local/lib/heap.so",
    "PYTHONPATH": "/src/tests/appliance/off_pi",
    "LIBCAMERA_PIPELINES_MATCH_LIST": "virtual",
    "LIBCAMERA_LOG_LEVELS": "*:FATAL",
    "LIBCAMERA_IPA_CONFIG_PATH": "/beside/frames",  # so that the eye may read what the virtual camera shows
}


@pytest.fixture(scope="session")
def count() -> Count:
    """Choose between a usual count and the larger one of ``./setup.sh test --appliance --full``."""
    return lambda usual, more: more if os.environ.get("GATE_FULL") else usual


def _row(path: Path) -> str:
    return path.stem.removeprefix("test_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Judge the machines that run aside last."""
    items.sort(key=lambda item: item.path.parent == HERE and _row(item.path) in ASIDE)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a row for each module: how it ended, and how long its machine took."""
    rows: dict[str, tuple[int, int, float]] = {}
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                name = _row(Path(report.nodeid.partition("::")[0])).replace("_", " ")
                good, bad, seconds = rows.get(name, (0, 0, 0.0))
                bad += outcome in {"failed", "error"}
                good += outcome == "passed" and report.when == "call"
                rows[name] = (good, bad, seconds + report.duration)
    for name, (good, bad, seconds) in rows.items():
        terminalreporter.write_line(f"{name:<24} {good:>3} passed {bad:>3} failed {seconds:>6.0f} s")


@pytest.fixture(scope="session")
def workshop() -> Iterator[Path]:
    """Where the tree is built: thrown away at the end, or kept and used again."""
    if os.geteuid() != 0:
        pytest.fail("the appliance tests need root (chroot, mount)")
    if missing := [command for command in NEEDED if shutil.which(command) is None]:
        pytest.fail(f"{' '.join(missing)} not found: ./setup.sh test --appliance installs what is needed")
    with kept.workshop() as folder:
        yield folder


@pytest.fixture(scope="session")
def machine(workshop: Path) -> Machine:
    """Debian with what a Pi has from apt, this checkout installed in it by setup.sh, and the machine that boots it."""
    return kept.build(workshop)


@pytest.fixture(scope="session", autouse=True)
def aside(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aside]:
    """Wait for a machine that was started as soon as there was one, beside the other tests: there are two cores."""
    rows = [_row(item.path) for item in request.session.items if item.path.parent == HERE]
    wanted = [name for name in ASIDE if name in rows]
    if not wanted:
        yield Path
        return
    machine: Machine = request.getfixturevalue("machine")
    with ThreadPoolExecutor(2 if set(rows) == set(wanted) else 1) as pool:  # one core is the others'
        running = {name: pool.submit(_run_aside, name, machine, tmp_path_factory.mktemp(name)) for name in wanted}
        yield lambda name: running[name].result()


def _run_aside(name: str, machine: Machine, beside: Path) -> Path:
    ASIDE[name](machine, beside)
    return beside


@pytest.fixture(scope="session")
def look(machine: Machine) -> Look:
    """Choose where a script that needs no chip and no systemd runs: where it is fastest."""
    return partial(look_in_tree, machine.tree) if NATIVE else machine.look


@pytest.fixture(scope="session")
def seen_by_camera(look: Look, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `look_at_camera` saw, with one invented visitor's card in front of the camera."""
    beside = tmp_path_factory.mktemp("camera")
    put_visitor(beside)
    look("look_at_camera.py", beside, **CAMERA)
    found: dict[str, Any] = json.loads((beside / "camera.json").read_text(encoding="utf-8"))
    found["beside"] = beside
    return found


@pytest.fixture(scope="session", params=PIS, ids="Pi {}".format)
def seen_on_pins(request: pytest.FixtureRequest, aside: Aside) -> dict[str, Any]:
    """What `look_at_pins` saw in the machine, which calls itself a Pi of that number."""
    beside = aside("pins_on_lgpio") / request.param
    found: dict[str, Any] = json.loads((beside / "pins.json").read_text(encoding="utf-8"))
    return found
