from __future__ import annotations

import argparse
import json

import pytest

from tests.bench.desk_memory import add_arguments, run


def test_a_hub_with_its_desk_is_used_and_its_memory_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    run(parser.parse_args(["--times", "3", "--json"]))
    found = json.loads(capsys.readouterr().out)
    assert 50 < found["started_mb"] <= found["after_mb"] < 300
    assert found["pages"] >= 5
    assert found["first_page_ms"] > 0
