from __future__ import annotations

import argparse
import json

import pytest

from tests.bench.poster import add_arguments, run


def test_posters_signs_and_notices_are_made_and_timed(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    run(parser.parse_args(["--times", "3", "--json"]))
    found = json.loads(capsys.readouterr().out)
    assert 0 < found["poster"] <= found["poster_most"] < 2000
    assert 5 < found["kilobytes"] < 200
