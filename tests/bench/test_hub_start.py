from __future__ import annotations

import argparse
import json

import pytest

from tests.bench.hub_start import STARTS, add_arguments, run


def test_a_hub_starts_on_both_databases_with_the_rows_that_were_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    run(parser.parse_args(["--rows", "1000", "--json"]))  # how fast, the bench by itself says
    found = json.loads(capfd.readouterr().out)
    assert [(one["database"], one["rows"], len(one["starts_s"])) for one in found] == [
        ("sqlite", 1000, STARTS),
        ("postgresql", 1000, STARTS),
    ]
    assert all(start_s > 0 for one in found for start_s in one["starts_s"])
