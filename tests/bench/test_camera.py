from __future__ import annotations

import argparse
import json

import pytest

from tests.bench.camera import add_arguments, run

SIX = ("imx219", "imx477", "imx519", "imx708", "ov5647", "ov64a40")


def test_the_six_usual_sensors_show_95_of_100_of_their_width_and_a_pace_is_found(
    capsys: pytest.CaptureFixture[str],
) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert run(parser.parse_args(["--json"])) == 0
    found = json.loads(capsys.readouterr().out)
    shares = {one["sensor"]: one["by_us"] for one in found["sensors"]}
    assert min(shares[name] for name in SIX) >= 0.95
    assert found["pace"]["frame_rate"] >= 5
    assert run(parser.parse_args([])) == 0
    assert "imx708              50.0%    100.0%  2304x1296    1728x972   1\n" in capsys.readouterr().out
