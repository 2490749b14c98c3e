from __future__ import annotations

import argparse
import json

import pytest

from tests.bench.hub_crowd import add_arguments, run
from tests.support.databases import both_databases


@both_databases
def test_a_crowd_that_loses_answers_delivers_all_of_it_once(database: str, capfd: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    sizes = {"gates": 12, "rows": 60, "steady": 2, "workers": 2}
    small = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    run(parser.parse_args([*small, "--database", database, "--json"]))
    found = json.loads(capfd.readouterr().out)
    assert (found["database"], found["workers"]) == (database, 1 if database == "sqlite" else 2)
    assert (found["gates"], found["finished"], found["rows"]) == (12, 12, 720)
    assert (found["lost"], found["twice"]) == (0, 0)
    assert found["requests"]["cut"] == 2
    assert found["requests"]["taken"] >= 12
    assert found["asked"] > 0
    assert found["a_second"] > 0
