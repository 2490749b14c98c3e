from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from tests.bench.hub import add_arguments, run
from tests.bench.hub_gates import Deliveries


def test_a_flood_a_slow_gate_and_a_crowd_keep_nobody_out(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    sizes = {"clients": 400, "questions": 10, "honest": 5, "gates": 10, "rows": 40, "batch": 20}
    small = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    assert run(parser.parse_args([*small, "--json", "--folder", str(tmp_path)])) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["flood"]["clients"] == 400
    assert found["flood"]["growth_mb"] < 50
    assert 0 < found["flood"]["log_bytes"] < 100_000
    assert (found["slow"]["finished"], found["slow"]["honest"]) == (5, 5)
    assert (found["crowd"]["batches"], found["crowd"]["failed"]) == (20, 0)
    assert found["crowd"]["longest_write_ms"] >= 0
    assert list(tmp_path.iterdir()) == []


def test_what_a_share_of_batches_stayed_below_is_read_off_the_sorted_ones() -> None:
    found = Deliveries(took_s=[number / 1000 for number in range(100, 0, -1)])
    assert (found.at_ms(0.5), found.at_ms(0.99)) == (51.0, 100.0)
