"""What every question to the running gate has: where it is asked, and what is said when it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.cli import main
from device.cli.running_gate import gate_folder
from device.monitor.control_socket import ControlSocket
from tests.support.threads import running

QUESTIONS = pytest.mark.parametrize("question", ["status", "why"])


@QUESTIONS
def test_without_a_running_gate_it_says_so_and_fails(
    question: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([question, "--config", str(config)]) == 1
    assert "no gate is running here" in capsys.readouterr().err


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
