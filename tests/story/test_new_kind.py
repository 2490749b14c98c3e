"""A credential kind the project does not have is one module and one line of a table; tried on a copy of the program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.children import CHECKOUT, python_module

TABLE, LAST = "model/credential.py", '    HC1 = "hc1"\n'
LINE = '    TRIAL_CARD = "trial-card"\n'
MODULE = '''"""The trial card: ``TRIAL1|number|name|citizen number``, not signed."""

from __future__ import annotations

from device.credential.format import Format
from device.credential.notes import Note
from device.credential.text import Fields, is_digits
from device.model import CodeKind, Credential, Person


def read_trial_card(fields: Fields) -> Credential | None:
    """Read the four fields; ``None`` when they are not this format."""
    if len(fields.parts) != 4 or fields.parts[0] != "TRIAL1" or not is_digits(fields.parts[3], 12):
        return None
    person = Person(name=fields.words(fields.parts[2], Note.NAME_UNREADABLE), citizen_number=fields.parts[3])
    fields.detail("trial-number", fields.parts[1])
    return Credential(CodeKind.TRIAL_CARD, person, details=tuple(fields.details), notes=tuple(fields.notes))


FORMAT = Format(CodeKind.TRIAL_CARD, "The trial card.", read_trial_card)
'''
PAYLOAD = "TRIAL1|20231234|Nguyễn Văn Thử|051090001234"
DATED = "version: school-1\nvalid_from: 2021-10-07\n"
NAMED = DATED + "accept: [trial-card]\nkinds: {trial-card: {unverified: grant}}\nstatus: {kinds: [trial-card]}\n"


class Program:
    """A copy of the program with one more kind.

    Attributes:
        folder: where it lies, and what it may write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        package = folder / "device"
        shutil.copytree(CHECKOUT / "device", package, ignore=shutil.ignore_patterns("__pycache__"))
        (package / "credential" / "trial_card.py").write_text(MODULE, "utf-8")
        table = (package / TABLE).read_text("utf-8")
        assert table.count(LAST) == 1
        (package / TABLE).write_text(table.replace(LAST, LAST + LINE), "utf-8")

    def written(self, name: str, text: str) -> Path:
        (self.folder / name).write_text(text, "utf-8")
        return self.folder / name

    def run(self, *command: str, told: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in which ``device`` is this copy."""
        environment = os.environ | {"PYTHONPATH": str(self.folder)}
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            input=told,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def module(self, name: str, *arguments: str, told: str = "") -> str:
        """Run a module of it; return what it prints."""
        ended = self.run(sys.executable, "-m", name, *arguments, told=told)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return Program(tmp_path_factory.mktemp("program"))


def test_a_new_kind_is_refused_until_named_and_then_goes_its_way_to_who_unseals_it(program: Program) -> None:
    (program.folder / "ledger").mkdir(mode=0o700)
    policy = program.written("named.yaml", NAMED)
    ended = program.run(*python_module("tests.story.new_kind"), PAYLOAD, str(policy), str(program.folder / "ledger"))
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert Path(said["program"]) == program.folder / "device"
    assert said["kind"] == "trial-card"
    assert said["unnamed"] == ["denied", "kind-not-accepted"]
    assert said["named"] == ["granted", "recorded"]
    assert said["asked by"] == ["citizen:051090001234"]
    assert said["told"].items() >= {"kind": "trial-card", "name": "Nguyễn Văn Thử"}.items()
    assert "20231234" in json.dumps(said["told"]["details"])


@pytest.mark.parametrize(
    ("policy", "outcome", "reason"),
    [
        ("", "denied", "kind-not-accepted"),
        (DATED, "denied", "kind-not-accepted"),
        (NAMED, "granted", "recorded"),
        (NAMED.replace("unverified: grant", "unverified: refer"), "referred", "not-verified"),
    ],
)
def test_the_command_that_recognises_knows_a_new_kind(program: Program, policy: str, outcome: str, reason: str) -> None:
    by = ["--policy", str(program.written("policy.yaml", policy))] if policy else []
    line: dict[str, Any] = json.loads(program.module("device", "recognise", *by, told=PAYLOAD + "\n"))
    assert line == {
        "kind": "trial-card",
        "verified": "not-applicable",
        "outcome": outcome,
        "reason": reason,
        "holder": {"name": "N. V. Thử", "number": "…234"},
    }


def test_policies_are_checked_and_editors_told_with_the_new_kind(program: Program) -> None:
    program.module("device", "check", str(program.written("named.yaml", NAMED)))
    schema = json.loads(program.module("device.settings.jsonschema", "policy"))
    assert "trial-card" in schema["properties"]["accept"]["items"]["enum"]
    assert "trial-card" not in schema["properties"]["accept"]["default"]
    assert schema["$defs"]["KindsSection"]["properties"]["trial-card"]["description"] == "The trial card."
    assert "trial-card" in program.module("device.settings.jsonschema", "site")


def test_a_policy_that_asks_the_centre_about_a_kind_it_does_not_accept_is_a_mistake(program: Program) -> None:
    policy = program.written("unnamed.yaml", DATED + "status: {kinds: [national-code, trial-card]}\n")
    ended = program.run(sys.executable, "-m", "device", "check", str(policy))
    assert ended.returncode == os.EX_CONFIG
    assert "status.kinds[2]: no such code gets here; add it to accept, or remove it here" in ended.stdout
