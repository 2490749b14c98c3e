"""``gate-scanner why``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from device.cli import main
from device.monitor.control_socket import ControlSocket
from tests.support.threads import running

ANSWER = {
    "at": "2026-01-01T00:00:00Z",
    "clock_trusted": True,
    "cue": "denied",
    "reason": "too-few-doses",
    "kind": "hc1",
    "direction": "in",
    "outcome": "denied",
    "counted": True,
    "policy": "v-1",
    "rules": ["known-kind:pass", "health:deny"],
    "row": 7,
}
BUTTON = {**ANSWER, "clock_trusted": False, "kind": None, "rules": [], "row": None, "policy": None}
POLICY = {"version": "v-1", "in_force_s": 7_500, "next_version": "v-2", "next_from": "2026-02-01T00:00:00Z"}
REFUSED = ["policy.yaml:3:1: x: unknown\x1b key"]
TRUST = {"file": "trust.json", "age_s": 9 * 86_400, "refused": ["trust.json:4:1: [3].kid: missing"]}
BUNDLES = {
    "error": "unreachable",
    "kinds": [
        {
            "kind": "policy",
            "version": 7,
            "age_s": 7_200,
            "valid_until": "2026-02-01",
            "old": True,
            "refused": "x",
        },
        {"kind": "watch-list", "version": None, "refused": None},
    ],
}
TOLD = {
    "policy": {**POLICY, "refused": REFUSED},
    "trust": TRUST,
    "bundles": BUNDLES,
    "inside": 4,
    "answers": [ANSWER, BUTTON],
}


def said(config: Path, *more: str) -> int:
    return main(["why", "--config", str(config), *more])


def test_the_chain_of_rules_is_printed_under_each_answer(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(ControlSocket(config.parent, {"why": lambda _terms: TOLD})):
        assert said(config) == 0
    assert capsys.readouterr().out == (
        "policy v-1, in force here for 2 h 5 min\n"
        "  then v-2, from 2026-02-01T00:00:00Z\n"
        "  its file was changed and refused: policy.yaml:3:1: x: unknown\N{REPLACEMENT CHARACTER} key\n"
        "trust list trust.json, written 9 days ago\n"
        "  its file was changed and refused: trust.json:4:1: [3].kid: missing\n"
        "policy of the hub: version 7, written 2 h 0 min ago; OLD since 2026-02-01\n"
        "  another was refused: x\n"
        "watch-list of the hub: none yet\n"
        "  the hub's bundles are not refreshed: unreachable\n"
        "inside 4, counted since the gate started\n"
        "\n"
        "2026-01-01T00:00:00Z  denied  too-few-doses  hc1  in  row 7  by v-1\n"
        "    known-kind:pass health:deny\n"
        "\n"
        "2026-01-01T00:00:00Z (clock not trusted)  denied  too-few-doses  button  in  no row\n"
        "    no rule was asked\n"
    )


def test_machines_get_one_object_and_the_gate_is_asked_for_as_many_as_wanted(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(ControlSocket(config.parent, {"why": dict})):
        assert said(config, "--last", "3", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"last": 3, "asker_uid": os.getuid()}
