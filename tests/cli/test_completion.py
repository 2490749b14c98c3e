"""What bash completes, asked of a real bash."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from device import cli
from device.cli.completion import script
from device.model import Cue

SCRIPT = script(cli.whole_parser())


def completed(line: str, folder: Path | None = None) -> set[str]:
    """Return what bash would offer for a line whose last word is being written."""
    words = ["gate-scanner", *shlex.split(line)] + ([""] if line.endswith(" ") or not line else [])
    asked = f"{SCRIPT}\nCOMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}\n_gate_scanner\n"
    done = subprocess.run(
        ["bash", "-euc", asked + 'printf "%s\\n" "${COMPREPLY[@]}"'],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_every_command_is_offered_and_those_that_begin_so() -> None:
    assert set(cli.COMMANDS) <= completed("")
    assert completed("st") == {"status"}


def test_words_options_and_choices_of_a_command_are_offered_at_any_depth() -> None:
    assert {"list", "parked", "retry", "--config"} <= completed("queue ")
    assert completed("queue --config site.yaml re") == {"retry"}
    assert {"granted", "fault", "all"} <= completed("lights ")
    assert completed("lights granted no") == {Cue.NOT_OURS, Cue.NOT_ENROLLED}
    assert completed("hub gate ") >= {"add", "list"}
    assert completed("completion ") >= {"bash"}
    assert completed("status --j") == {"--json"}


def test_a_file_is_completed_where_a_file_is_meant(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").touch()
    assert completed("check ", tmp_path) == {"site.yaml"}
    assert completed("status --config ", tmp_path) == {"site.yaml"}
    assert completed("check --", tmp_path) >= {"--help"}
    assert completed("why --last ", tmp_path) == set()


def test_the_command_prints_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", "bash"]) == 0
    assert capsys.readouterr().out == SCRIPT
