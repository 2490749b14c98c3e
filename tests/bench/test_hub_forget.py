from __future__ import annotations

import argparse
import json

import pytest

from tests.bench.hub_forget import add_arguments, run


def test_a_day_is_forgotten_on_both_databases_and_its_room_is_free(capfd: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    run(parser.parse_args(["--rows", "2000", "--json"]))  # how fast, the bench by itself says
    found = json.loads(capfd.readouterr().out)
    assert [(one["database"], one["rows"]) for one in found] == [("sqlite", 2000), ("postgresql", 2000)]
    assert all(one["before_mb"] - one["after_mb"] > 0.3 for one in found)
