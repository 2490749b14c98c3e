from __future__ import annotations

import argparse
import json

import pytest

from tests.bench.gates import add_arguments, run


def test_reports_of_many_gates_are_all_taken_and_listed_in_time(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    run(parser.parse_args(["--gates", "300", "--requests", "40", "--json"]))
    found = json.loads(capsys.readouterr().out)
    assert found["gates"] == 300
    assert found["state"]["requests"] == found["status"]["requests"] == 40
    assert 0 < found["state"]["kept_line_cpu_ms"] < 100
