"""What every question to the running gate has: where it is asked, and what is said when it cannot be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from device.cli import main
from device.cli.running_gate import _listens, gate_folder
from device.errors import GateSilent
from device.monitor.control_socket import ControlSocket, ask
from tests.support.threads import running

QUESTIONS = pytest.mark.parametrize("question", ["status", "why"])


@QUESTIONS
def test_without_a_running_gate_it_says_so_and_fails(
    question: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([question, "--config", str(config)]) == 1
    assert "no gate is running here; why: systemctl status gate-scanner" in capsys.readouterr().err


@QUESTIONS
def test_a_site_file_with_mistakes_is_named(question: str, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("place: 1\n", "utf-8")
    assert main([question, "--config", str(config)]) == 78
    assert f"{config}:1:8: place: " in capsys.readouterr().err


@QUESTIONS
def test_what_a_gate_refuses_is_one_line_without_control_characters(
    question: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(ControlSocket(config.parent, {"none\x1b[31m": dict})):
        assert main([question, "--config", str(config)]) == 1
    assert capsys.readouterr().err == "ask one of none\N{REPLACEMENT CHARACTER}[31m\n"


def test_the_gate_of_a_site_file_listens_in_its_store(config: Path) -> None:
    with running(ControlSocket(config.parent, {})):
        assert gate_folder(config) == config.parent


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_one_may_not_enter_counts_so_that_the_question_says_who_may(tmp_path: Path) -> None:
    (tmp_path / "gate.sock").touch()
    tmp_path.chmod(0)
    try:
        assert _listens(tmp_path)
        with pytest.raises(GateSilent, match="use sudo"):
            ask(tmp_path, "status")
    finally:
        tmp_path.chmod(0o700)
    assert not _listens(tmp_path / "none")
