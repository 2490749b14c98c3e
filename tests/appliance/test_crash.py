"""The gate is killed, and the kernel under it crashes, in the middle of its visitors: every green has its row."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image

from device.store.folder import files_set_aside
from device.store.reading import LedgerReader
from tests.appliance.machine import Count, Look, Machine, put_visitor
from tests.appliance.recorded_disk import files_on

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(3000)]
SITE = """
place: {name: Chợ Mẫu, province: Quảng Ngãi}
camera: {source: replay, size: 640x480, replay: {path: /beside/show, show: 250ms, gap: 150ms, at_end: loop}}
presence: {absence: 200ms}
pins: {driver: mock, green: 17, red: 27, buzzer: 22}
store: {folder: /beside/store}
"""
GREEN = re.compile(r" event=checked-in seq=(\d+) ")  # told after the lamp; this gate refuses nobody


def put_many_visitors(beside: Path) -> None:
    """Lay down eight cards, shown one after the other."""
    put_visitor(beside)
    (beside / "show").mkdir()
    for number in range(8):
        card = f"05109000{number:04}||Nguyễn Văn Thử|05031990|Nam|Tổ {number}, Nghĩa Lộ|15042021"
        segno.make_qr(card, error="m", encoding="utf-8").save(str(beside / "code.png"), scale=5, border=6)
        with Image.open(beside / "code.png") as code:
            view = Image.new("L", (640, 480), 200)
            view.paste(code.convert("L"), (80, 40))
            view.save(beside / "show" / f"{number}.png")
    (beside / "site.yaml").write_text(SITE, encoding="utf-8")


def proved_rows(folder: Path) -> set[int]:
    """The rows of a ledger whose chain is whole and which was never set aside."""
    assert files_set_aside(folder) == []
    with LedgerReader(folder) as ledger:
        return {row.seq for row in ledger.rows()}


@pytest.fixture(scope="module")
def killed(look: Look, tmp_path_factory: pytest.TempPathFactory, count: Count) -> dict[str, Any]:
    """What `look_at_kills` saw."""
    beside = tmp_path_factory.mktemp("kills")
    put_many_visitors(beside)
    look("look_at_kills.py", beside, str(count(50, 200)), "1")
    found: dict[str, Any] = json.loads((beside / "kills.json").read_text("ascii"))
    return {**found, "rows": proved_rows(beside / "store")}


def test_a_gate_that_is_killed_again_and_again_has_a_row_for_every_green(killed: dict[str, Any], count: Count) -> None:
    greens = [seq for life in killed["greens"] for seq in life]
    assert len(killed["greens"]) == count(50, 200)
    assert len(greens) > count(50, 200)
    assert len(set(greens)) == len(greens)
    assert set(greens) <= killed["rows"]


def test_a_kill_between_commit_and_lamp_loses_nothing(killed: dict[str, Any], count: Count) -> None:
    assert killed["moments"]["kills"] == count(50, 200)
    assert killed["moments"]["between"] >= count(50, 200) // 10
    assert (killed["moments"]["lost"], killed["moments"]["broken"]) == ([], None)


def test_a_kernel_that_crashes_takes_no_green_back(machine: Machine, tmp_path: Path, count: Count) -> None:
    crashes, chance = count(3, 20), random.Random(1)
    put_visitor(tmp_path)
    greens, lit = set[int](), 0
    for _ in range(crashes):
        (tmp_path / "work").write_text(f"{chance.randint(0, 1500)}\n", "ascii")
        told = machine.crash("crash.sh", tmp_path)
        greens |= {int(seq) for seq in GREEN.findall(told)}
        lit += told.count("GREEN\r\n")
    (tmp_path / "card").mkdir()
    for name, content in files_on(tmp_path / "disk", tmp_path / "mounted").items():
        (tmp_path / "card" / name).write_bytes(content)
    rows = proved_rows(tmp_path / "card")
    print(f"SAW {crashes} crashes, {lit} greens on the pin, {len(greens)} told, {len(rows)} rows")  # noqa: T201
    assert len(greens) >= crashes
    assert greens <= rows
    assert crashes <= lit <= len(rows)
