"""Questions to a running gate over its socket."""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from device.errors import AskerRefused, GateSilent
from device.monitor.control_socket import SOCKET, ControlSocket, ask, runtime_folder
from tests.support.threads import running


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[ControlSocket]:
    def fails(_terms: object) -> object:
        raise ValueError("with a secret in it")

    answering = ControlSocket(tmp_path, {"echo": lambda terms: {"heard": dict(terms), "chợ": 1}, "fails": fails})
    with running(answering):
        yield answering


def raw(folder: Path, sent: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(20)
        asking.connect(str(folder / SOCKET))
        asking.sendall(sent)
        read = b""
        while piece := asking.recv(4096):
            read += piece
        return read


@pytest.mark.usefixtures("gate")
def test_a_question_reaches_the_gate_with_its_terms_and_comes_back_answered(tmp_path: Path) -> None:
    assert ask(tmp_path, "echo", last=3) == {"heard": {"last": 3, "asker_uid": os.getuid()}, "chợ": 1}
    assert ask(tmp_path, "echo") == {"heard": {"asker_uid": os.getuid()}, "chợ": 1}


@pytest.mark.usefixtures("gate")
def test_who_asks_is_what_the_kernel_says_and_not_what_the_question_says(tmp_path: Path) -> None:
    assert ask(tmp_path, "echo", asker_uid=-1) == {"heard": {"asker_uid": os.getuid()}, "chợ": 1}


def test_somebody_who_may_not_is_told_who_may_and_the_log_has_their_uid(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def refuses(_terms: object) -> object:
        raise AskerRefused("only root may do that")

    with running(ControlSocket(tmp_path, {"open": refuses})), pytest.raises(GateSilent, match="only root may do that"):
        ask(tmp_path, "open")
    assert f"event=question-refused ask=open uid={os.getuid()}" in caplog.text


@pytest.mark.usefixtures("gate")
@pytest.mark.parametrize("sent", ["{}", "what?", "[]", "[" * 4000, '{"ask": []}', '{"ask": "x"}'])
def test_nonsense_is_told_what_may_be_asked_and_the_gate_goes_on(sent: str, tmp_path: Path) -> None:
    assert json.loads(raw(tmp_path, f"{sent}\n".encode())) == {"error": "ask one of echo, fails"}
    assert ask(tmp_path, "echo") is not None


@pytest.mark.usefixtures("gate")
def test_a_question_without_an_end_is_dropped(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(20)
        asking.connect(str(tmp_path / SOCKET))
        asking.sendall(b"x" * 10_000)
        asking.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):  # dropped before all of it was read
            assert asking.recv(10) == b""
    assert ask(tmp_path, "echo") is not None


@pytest.mark.usefixtures("gate")
def test_an_answer_that_fails_is_told_without_its_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(GateSilent, match="the gate could not answer this"):
        ask(tmp_path, "fails")
    assert "secret" not in caplog.text
    assert ask(tmp_path, "echo") is not None


@pytest.mark.usefixtures("gate")
def test_only_the_owner_may_ask(tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / SOCKET).stat().st_mode) == 0o600


def test_where_no_gate_runs_that_is_said(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere", Path(os.devnull)):
        with pytest.raises(GateSilent, match="no gate is running here"):
            ask(folder, "echo")


def test_the_socket_of_a_gate_that_was_killed_is_replaced_and_closing_removes_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as killed:
        killed.bind(str(tmp_path / SOCKET))
    with pytest.raises(GateSilent, match="no gate is running here"):
        ask(tmp_path, "echo")
    gate = ControlSocket(tmp_path, {"echo": lambda _terms: "here"})
    with running(gate):
        assert ask(tmp_path, "echo") == "here"
    gate.close()
    assert not (tmp_path / SOCKET).exists()


def test_a_folder_with_a_name_longer_than_any_socket_address_will_do(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    with running(ControlSocket(deep, {"echo": lambda _terms: "here"})):
        assert ask(deep, "echo") == "here"


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        ControlSocket(tmp_path / "nowhere", {})


@pytest.mark.parametrize(
    ("value", "folder"), [("/run/a", Path("/run/a")), ("/run/a:/run/b", Path("/run/a")), ("", None)]
)
def test_the_runtime_folder_is_the_one_systemd_names(value: str, folder: Path | None) -> None:
    assert runtime_folder({"RUNTIME_DIRECTORY": value}) == folder
    assert runtime_folder({}) is None
