"""What the caller has set, or ignores, reaches no test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from fnmatch import fnmatch
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
KEPT = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "PYTEST_*", "COVERAGE_*", "LC_ALL", "TZ")
LEAKS = {
    **dict.fromkeys(("NOTIFY_SOCKET", "JOURNAL_STREAM", "RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"), "/run/nobody"),
    **dict.fromkeys(("http_proxy", "https_proxy", "ALL_PROXY", "NO_PROXY"), "http://127.0.0.1:9"),
    **dict.fromkeys(("PYTHONWARNINGS", "PYTHONHASHSEED", "PYTHONUNBUFFERED", "GATE_FULL", "WATCHDOG_USEC"), "1"),
    "GATE_SCANNER_LOG_LEVEL": "debug",
    "GPIOZERO_PIN_FACTORY": "native",
    "LG_WD": "/",
    "SUDO_USER": "somebody",
    "LANG": "vi_VN.ISO-8859-1",
    "LC_TIME": "vi_VN",
    "TZ": "Asia/Ho_Chi_Minh",
    "REQUESTS_CA_BUNDLE": "/nowhere",
}


def ended(*tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests of this file as somebody would who has all of `LEAKS` set, in the background."""
    names = [f"{Path(__file__).relative_to(CHECKOUT)}::{test}" for test in tests]
    return subprocess.run(
        ["sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh", sys.executable, "-m", "pytest", "-q", *names],
        env=os.environ | LEAKS,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def seen_by_a_session() -> set[str]:
    """What the widest fixture sees: it is made before those of the test itself."""
    return set(os.environ)


def test_only_what_every_test_needs_is_in_the_environment(seen_by_a_session: set[str]) -> None:
    for names in (seen_by_a_session, set(os.environ)):
        assert [name for name in names if not any(fnmatch(name, kept) for kept in KEPT)] == []
    assert (os.environ["LC_ALL"], time.strftime("%z")) == ("C.UTF-8", "+0325")


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_sets_is_gone_before_the_next(turn: str) -> None:
    assert os.environ.get("GATE_SET_BY_A_TEST") is None
    assert os.environ["LC_ALL"] == "C.UTF-8"
    os.environ["GATE_SET_BY_A_TEST"] = turn
    os.environ["LC_ALL"] = "C"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_child_can_be_interrupted_and_hung_up(number: signal.Signals) -> None:
    done = subprocess.run(["sh", "-c", "kill -$0 $$", str(int(number))], check=False)
    assert done.returncode == -number


def test_nothing_that_a_developers_machine_sets_reaches_a_test() -> None:
    run = ended("test_only_what_every_test_needs_is_in_the_environment", "test_a_child_can_be_interrupted_and_hung_up")
    assert run.returncode == 0, run.stdout
    assert "3 passed" in run.stdout
