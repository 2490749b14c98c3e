"""The list of gates: one word for how each stands, what is wrong in a few, and a table that fits."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.hub.db.gate_state import SILENT_S, SILENT_WITHOUT_REPORTS_S, Standing
from device.hub.folder import HubFolder
from device.hub.standing_words import TROUBLES, state_of, trouble_words
from device.model import BUNDLE_NAMES, HOUR_MS, HourCounts
from tests.support.gate_states import QUIET
from tests.support.terminal import on_terminal

NOW_MS = 1_796_018_400_000
HEARD = Standing("gate-1", "A", revoked=False, heard_ms=NOW_MS, reported_ms=NOW_MS, version="1", troubles=(), waiting=0, scans=0)  # fmt: skip  # noqa: E501
NEVER_TOLD = {"not-enrolled", "revoked"}
"""A gate that is in such a state reports nothing."""


@pytest.fixture
def hub(tmp_path: Path) -> HubFolder:
    return HubFolder.create(tmp_path / "hub", SystemClock())


def test_one_word_says_how_a_gate_stands() -> None:
    for gate, word in (
        (HEARD, "well"),
        (HEARD._replace(troubles=("camera",)), "trouble"),
        (HEARD._replace(heard_ms=NOW_MS - SILENT_S * 1000), "well"),
        (HEARD._replace(heard_ms=NOW_MS - SILENT_S * 1000 - 1, troubles=("camera",)), "silent"),
        (HEARD._replace(heard_ms=NOW_MS - SILENT_S * 1000 - 1, reported_ms=None), "well"),
        (HEARD._replace(heard_ms=NOW_MS - SILENT_WITHOUT_REPORTS_S * 1000 - 1, reported_ms=None), "silent"),
        (HEARD._replace(heard_ms=None, reported_ms=None), "never"),
        (HEARD._replace(revoked=True), "revoked"),
    ):
        assert state_of(gate, NOW_MS) == word


def test_every_trouble_that_a_gate_can_have_is_told_in_few_words() -> None:
    source = Path(__file__).parents[2].joinpath("device/monitor/alerts.py").read_text("utf-8")
    words = [*TROUBLES, *(f"{kind}-{what}" for kind in BUNDLE_NAMES for what in ("refused", "old"))]
    assert [word for word in TROUBLES if f'"{word}"' not in source] == []
    assert all(trouble_words(word) != word and len(trouble_words(word)) < 30 for word in words)
    assert trouble_words("invented-later") == "invented-later"


def test_a_table_of_gates_fits_a_terminal_of_80_and_names_what_is_wrong(hub: HubFolder) -> None:
    one, other = hub.add_gate("Cổng chính"), hub.add_gate("Cổng sau nhà thi đấu, cạnh nhà xe")
    with closing(hub.open_store()) as store:
        hour = store.now_ms() // HOUR_MS
        store.note_state(one.device_id, QUIET, [HourCounts(hour, (1200, 30, 4, 9, 9, 9, 9))])
        store.note_state(other.device_id, replace(QUIET, troubles=("camera", "roster-old")), [])
    for language, head, wrong in (
        ("en", ["name", "state", "last heard", "today", "unsent", "version", "trouble"], ["trouble", "lost", "roster"]),
        ("vi", ["tên", "tình trạng", "liên lạc", "hôm nay", "chưa gửi", "bản", "trục trặc"], ["trục trặc", "camera"]),
    ):
        lines = on_terminal(["-m", "device", "hub", "gate", "list", str(hub.path), "--lang", language], 80)
        assert [lines[0].index(word) for word in head] == sorted(lines[0].index(word) for word in head)
        assert max(map(len, lines)) <= 80
        assert lines[1].startswith("Cổng chính")
        assert "1,234" in lines[1] or "1.234" in lines[1]
        assert all(word in " ".join(lines[2:]) for word in wrong)


def test_json_has_all_of_it_and_a_pipe_one_line_a_gate(hub: HubFolder, capsys: pytest.CaptureFixture[str]) -> None:
    gate, silent = hub.add_gate("Cổng A"), hub.add_gate("Cổng B")
    with closing(hub.open_store()) as store:
        store.note_state(gate.device_id, replace(QUIET, troubles=("disk",)), [])
    assert main(["hub", "gate", "list", str(hub.path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["clock_doubted"] is False
    first, second = told["gates"]
    assert first["heard"] == first["reported"]
    assert {key: first[key] for key in ("gate", "name", "state", "scans_today", "unsent", "version", "troubles")} == {
        "gate": gate.device_id,
        "name": "Cổng A",
        "state": "trouble",
        "scans_today": 0,
        "unsent": 0,
        "version": "0.1.0",
        "troubles": ["disk"],
    }
    assert (second["gate"], second["state"], second["heard"], second["unsent"]) == (
        silent.device_id,
        "never",
        None,
        None,
    )
    assert main(["hub", "gate", "list", str(hub.path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["Cổng", "A", "trouble", "0", "min", "0", "0", "0.1.0", "card", "nearly", "full"]
    assert lines[2].split() == ["Cổng", "B", "never", "-", "-", "-", "-"]
