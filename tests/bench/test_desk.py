from __future__ import annotations

import argparse
import json

import pytest

from tests.bench.desk import add_arguments, run


def test_every_page_is_looked_at_and_holds_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    run(parser.parse_args(["--gates", "120", "--checkins", "1200", "--looks", "2", "--json"]))
    found = json.loads(capsys.readouterr().out)
    assert (found["gates"], found["checkins"]) == (120, 1200)
    looks = {look["path"]: look for look in found["looks"]}
    assert {"/", "/check-ins", "/ (owner)"} <= looks.keys()
    assert looks["/"]["bytes"] > looks["/ (owner)"]["bytes"] > 2_000
    assert looks["/check-ins (owner)"]["bytes"] > 5_000  # its ten
