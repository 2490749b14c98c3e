from __future__ import annotations

import argparse
import json

import pytest

from tests.bench.hub_database import add_arguments, run


def test_every_row_goes_into_both_databases_by_itself_and_over_tls(capfd: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    sizes = {"ledgers": 4, "batches": 2, "batch": 20, "gates": 2}
    small = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    assert run(parser.parse_args([*small, "--json"])) == 0
    found = json.loads(capfd.readouterr().out)
    assert [(one["database"], one["over"], one["processes"], one["rows"]) for one in found] == [
        ("sqlite", "store", 1, 160),
        ("sqlite", "tls", 1, 80),
        ("postgresql", "store", 1, 160),
        ("postgresql", "tls", 1, 80),
        ("postgresql", "store", 2, 160),
        ("postgresql", "tls", 2, 80),
    ]
    assert all(one["rows_a_second"] > 0 for one in found)
    assert [len(one["memory_mb"]) for one in found] == [0, 3, 0, 3, 0, 3]
    assert all(0 < mb < 150 for one in found for mb in one["memory_mb"])
