"""What shells complete: bash is asked, of zsh and fish the text is looked at."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from device import cli
from device.cli.completion import SHELLS, script
from device.model import Cue

SCRIPTS = {shell: script(cli.whole_parser(), shell) for shell in SHELLS}


def completed(line: str, folder: Path | None = None) -> set[str]:
    """Return what a real bash would offer for a line whose last word is being written."""
    words = ["gate-scanner", *shlex.split(line)] + ([""] if line.endswith(" ") or not line else [])
    (function,) = re.findall("^complete .*-F ([a-z_]+) gate-scanner$", SCRIPTS["bash"], re.MULTILINE)
    asked = f"{SCRIPTS['bash']}\nCOMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}\n{function}\n"
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
    assert completed("queue ") == {"list", "parked", "retry", "drop"}
    assert completed("queue --") == {"--config", "--help", "--lang"}
    assert completed("queue --config site.yaml re") == {"retry"}
    assert {"granted", "fault", "all"} <= completed("lights ")
    assert completed("lights granted no") == {Cue.NOT_OURS, Cue.NOT_ENROLLED}
    assert completed("hub gate ") == {"add", "list"}
    assert completed("completion ") == {"bash", "zsh", "fish"}
    assert completed("status --j") == {"--json"}


def test_a_file_is_completed_where_a_file_is_meant_and_a_folder_where_a_folder_is(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").touch()
    (tmp_path / "hub").mkdir()
    assert completed("check s", tmp_path) == {"site.yaml"}
    assert completed("status --config ", tmp_path) == {"site.yaml", "hub"}
    assert completed("hub run ", tmp_path) == {"hub"}
    assert completed("check --", tmp_path) >= {"--help"}
    assert completed("why --last ", tmp_path) == set()


def test_zsh_and_fish_are_told_every_command_and_what_follows_it() -> None:
    assert SCRIPTS["zsh"].startswith("#compdef gate-scanner\n")
    assert "complete -c gate-scanner " in SCRIPTS["fish"]
    for shell in ("zsh", "fish"):
        told = set(re.findall(r"[\w-]+", SCRIPTS[shell]))
        assert set(cli.COMMANDS) | {"parked", "checkins", "bash", *Cue} <= told


@pytest.mark.parametrize(
    ("shell", "hub"),
    [("bash", "_shtab_gate_scanner_hub_"), ("zsh", "_shtab_gate_scanner_hub_"), ("fish", "'hub init'")],
)
def test_a_command_whose_packages_are_not_installed_here_is_not_offered(shell: str, hub: str) -> None:
    program = (
        "import sys; sys.modules['sqlalchemy'] = None; from device import cli; "
        "sys.exit(cli.main(['completion', sys.argv[1]]))"
    )
    done = subprocess.run([sys.executable, "-c", program, shell], capture_output=True, text=True, check=True)
    assert hub in SCRIPTS[shell]
    assert hub not in done.stdout
    assert "parked" in done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", shell]) == 0
    assert capsys.readouterr().out == f"{SCRIPTS[shell]}\n"
