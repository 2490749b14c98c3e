"""``setup.sh test --browser`` with recorders in place of Python, apt, sudo and npm; and what npm may bring."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.setup_bench import CHECKOUT, RECORDER, Bench, make_bench

NPM = ("package.json", "package-lock.json")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def test_the_pages_are_tried_in_debians_chromium_with_an_environment_and_an_axe_of_their_own(bench: Bench) -> None:
    bench.pretend("npm", RECORDER.format(code=0))
    run = bench.run("test", "--browser", "-k", "one thing", SETUP_CHROMIUM=str(bench.checkout / "none"))
    assert run.returncode == 0, run.stderr
    environment, lock = bench.checkout / ".venv-browser", bench.checkout / "requirements/browser.txt"
    calls = [line for line in bench.calls() if not line.startswith("sudo")]
    assert calls == [
        "apt-get -q -o DPkg::Lock::Timeout=120 update",
        "apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends install chromium",
        f"python -m venv --clear {environment}",
        f"python -m pip install -q --require-hashes --no-deps --only-binary :all: -r {lock}",
        f"python -m pip install -q --no-deps --no-index --no-build-isolation --editable {bench.checkout}",
        "python -m pip check",
        "npm ci --silent --ignore-scripts --no-audit --no-fund",
        "python -m pytest -m browser -k one thing tests/browser",
    ]
    kept = Path(bench.environment["HOME"]) / ".cache/gate-scanner/npm"
    for name in ("package.json", "package-lock.json"):
        assert (kept / name).read_bytes() == (CHECKOUT / "requirements" / name).read_bytes()
    assert bench.run("test", "--browser", SETUP_CHROMIUM="/bin/true").returncode == 0
    assert bench.calls() == ["python -m pytest -m browser tests/browser"]


def test_without_npm_one_line_says_what_to_install_before_anything_is_made(bench: Bench, tmp_path: Path) -> None:
    without = tmp_path / "without npm"
    without.mkdir()
    for program in (*Path("/usr/bin").iterdir(), *Path("/bin").iterdir()):
        if program.name != "npm" and not (without / program.name).exists():
            (without / program.name).symlink_to(program)
    run = bench.run("test", "--browser", PATH=f"{bench.commands}:{without}")
    assert (run.returncode, len(run.stderr.splitlines())) == (1, 1)
    assert "npm is missing, which fetches axe-core; as root, run: apt-get update && apt-get install " in run.stderr
    assert bench.calls() == []


def test_axe_core_has_one_version_and_a_hash_of_what_npm_may_bring() -> None:
    asked, locked = (json.loads((CHECKOUT / "requirements" / name).read_text()) for name in NPM)
    (package,) = (found for name, found in locked["packages"].items() if name)
    assert asked["dependencies"] == locked["packages"][""]["dependencies"] == {"axe-core": package["version"]}
    assert package["integrity"].startswith("sha512-")
