from __future__ import annotations

import argparse
import json

import pytest

from tests.bench.status import add_arguments, run


def test_over_a_far_line_all_but_the_first_visitor_are_asked_about(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert run(parser.parse_args(["--visitors", "4", "--round-trip-ms", "20", "--gap-s", "0.1", "--json"])) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["visitors"], found["lines"]) == (4, 1)
    assert found["answered"] >= 3
    assert found["p50_ms"] >= 20
