"""``demo --desk`` as a stranger tries it: the pages are up, visitors keep coming, a gate of one's own is enrolled."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import pytest

from device.cli import main
from device.clock import SystemClock
from device.demo.desk import PLACE
from device.demo.stage import GATE
from device.hub.db.registry import all_places
from device.hub.folder import HubFolder
from device.hub.registry.reported import gate_places
from tests.support.browser import Browser

PATIENCE_S = 100.0
"""Visitors come round in half of that."""


@dataclass(frozen=True)
class Demo:
    """One that stays."""

    process: subprocess.Popen[str]
    folder: Path
    said: dict[str, Any]

    @property
    def words(self) -> IO[str]:
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def hub(self) -> HubFolder:
        (made,) = self.folder.iterdir()
        return HubFolder(made / "hub", SystemClock())

    def type(self, line: str) -> dict[str, Any]:
        """Type a line; return what was said next of a gate."""
        self.words.write(f"{line}\n")
        self.words.flush()
        return heard(self.process, "enrolled", "not-enrolled")

    def log_in(self) -> Browser:
        browser = Browser(urlsplit(self.said["url"]).port or 0)
        fields = {"name": self.said["account"], "password": self.said["password"]}
        assert browser.post("/log-in", fields).location == "/"
        return browser

    def sees(self, browser: Browser, least: int) -> bool:
        """Wait until the first page tells of so many check-ins."""
        clock = SystemClock()
        give_up_s = clock.monotonic_s() + PATIENCE_S
        while counted(browser) < least:
            if clock.monotonic_s() > give_up_s:
                return False
            clock.wait(threading.Event(), 0.2)
        return True


def counted(browser: Browser) -> int:
    """Return how many check-ins of today the first page tells of: the last of its figures."""
    return int(re.findall(r"<dd>([0-9.,]+)</dd>", browser.get("/").text)[-1].replace(".", "").replace(",", ""))


@pytest.mark.parametrize("word", ["--images", "--desk"])
def test_photos_and_pages_are_shown_one_at_a_time(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["demo", "--images", ".", "--desk"] if word == "--desk" else ["demo", "--desk", "--images", "."])
    assert end.value.code == 2
    assert f"argument {word}: not allowed with argument" in capsys.readouterr().err


def heard(process: subprocess.Popen[str], *names: str) -> dict[str, Any]:
    """Return the next event of one of these names."""
    assert process.stdout is not None
    for line in process.stdout:
        event: dict[str, Any] = json.loads(line)
        if event["event"] in names:
            return event
    raise AssertionError(process.wait(60))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    with subprocess.Popen(
        [sys.executable, "-m", "device", "demo", "--desk", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(folder)},
    ) as process:
        try:
            assert heard(process, "end")["agrees"] is True
            yield Demo(process, folder, heard(process, "desk"))
        finally:
            process.send_signal(signal.SIGINT)
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read()
            assert "Traceback" not in process.stderr.read()
    assert process.returncode == 0
    assert list(folder.iterdir()) == []


def test_visitors_keep_coming_and_the_page_counts_them(demo: Demo) -> None:
    browser = demo.log_in()
    assert demo.sees(browser, counted(browser) + 1)


def test_the_place_that_the_gate_guards_is_registered(demo: Demo) -> None:
    store = demo.hub.open_store()
    try:
        with store.reading() as connection:
            (gate,) = (one for one in gate_places(connection) if one.gate == GATE)
            (place,) = (one for one in all_places(connection) if one.place_id == gate.assigned)
    finally:
        store.close()
    assert place.place == PLACE


def test_a_code_that_is_typed_enrols_another_gate_and_a_wrong_one_is_told(demo: Demo) -> None:
    assert demo.type("nonsense")["event"] == "not-enrolled"
    store = demo.hub.open_store()
    try:
        code = store.new_code("Cổng sau").letters
        enrolled = demo.type(code)
        assert enrolled["event"] == "enrolled"
        assert [gate.device_id for gate in store.find_gates("Cổng sau")] == [enrolled["gate"]]
        assert "does not take this code" in demo.type(code)["why"]
    finally:
        store.close()
    browser = demo.log_in()
    assert demo.sees(browser, counted(browser) + 1)
