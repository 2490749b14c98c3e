"""A gate is killed in the middle of its work, again and again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.kills import kill_gates


@pytest.mark.timeout(300)
def test_after_a_hundred_kills_every_green_light_has_its_row(tmp_path: Path) -> None:
    result = kill_gates(100, 1, tmp_path / "ledger")
    assert result.broken is None
    assert result.lost == []
    assert result.kills == 100
    assert result.between >= 10
    assert result.lit >= 100
    assert result.rows >= result.acknowledged >= result.lit


def test_a_ledger_that_answers_before_it_commits_is_found_out(tmp_path: Path) -> None:
    result = kill_gates(8, 1, tmp_path / "ledger", ledger="tests.story.late_ledger:LateLedger")
    assert result.lost
    assert not result.good
