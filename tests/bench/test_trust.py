from __future__ import annotations

import json

import pytest

from tests.bench.__main__ import main
from tests.bench.trust import GOALS_US, TrustFigures, measure


def test_every_goal_belongs_to_a_figure_and_every_attack_is_answered_rightly() -> None:
    figures = measure(1)
    assert all(getattr(figures, name) > 0 for name in GOALS_US)
    assert figures.wrong == ()
    assert figures.hostile > 100


def test_the_bench_prints_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trust", "--rounds", "1", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(TrustFigures.__slots__)


def test_the_bench_holds_each_figure_against_its_goal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trust", "--rounds", "1"]) == 0
    assert capsys.readouterr().out.count("goal") == len(GOALS_US)
