"""``hub init``, ``code``, ``gate`` and ``revoke``: a hub is made, gates come and go."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.enrolment import pairing
from device.enrolment.code import read_code
from device.hub.db.enrolments import Enrolled
from device.hub.folder import HubFolder
from device.hub.keyring.public_identity import PublicIdentity
from device.strict_json import base64_of
from tests.support.hub_folders import as_before


def test_init_and_gate_add_end_in_a_document_the_gate_can_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "enrolment.json"
    assert main(["hub", "init", str(tmp_path / "hub")]) == 0
    assert main(["hub", "gate", "add", str(tmp_path / "hub"), "Cổng  A", "--out", str(out)]) == 0
    document = enrolment.read(out)
    assert document is not None
    assert base64_of(document.key.seed()) not in capsys.readouterr().out
    assert main(["hub", "gate", "list", str(tmp_path / "hub")]) == 0
    listed = capsys.readouterr().out
    assert "Cổng A" in listed


def test_a_code_is_printed_on_a_line_of_its_own_and_enrols(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "hub")
    main(["hub", "init", folder, "--name", "hub.example.vn", "--name", "127.0.0.1"])
    capsys.readouterr()
    assert main(["hub", "code", folder, "Cổng A"]) == 0
    code = read_code(capsys.readouterr().out.splitlines()[0])
    applicant = pairing.Applicant(code.code_id, bytes(32), bytes(32), "", b"")
    identity = identity_of(folder)
    proof = pairing.gate_proof(pairing.proof_key(code), identity.hello(code.code_id), applicant)
    result = HubFolder(Path(folder), SystemClock()).open_store().enrol(replace(applicant, proof=proof), identity)
    assert isinstance(result, Enrolled)


def identity_of(folder: str) -> PublicIdentity:
    return HubFolder(Path(folder), SystemClock()).public_identity()


@pytest.mark.parametrize(
    ("names", "url"),
    [
        (["hub.example.vn", "127.0.0.1", "192.168.1.9"], "https://hub.example.vn:8400"),
        (["192.168.1.9", "localhost"], "https://192.168.1.9:8400"),
        (["::1", "fd00::9"], "https://[fd00::9]:8400"),
        (["localhost", "127.0.0.1"], "http://localhost:8400"),
    ],
)
def test_a_code_comes_with_the_url_of_the_hub_and_the_whole_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], names: list[str], url: str
) -> None:
    HubFolder.create(tmp_path / "hub", SystemClock(), names)
    assert main(["hub", "code", str(tmp_path / "hub"), "Cổng A"]) == 0
    said = capsys.readouterr().out
    code = said.splitlines()[0]
    assert f"hub: {{url: '{url}'}}" in said
    assert f"gate-scanner enrol {code}\n" in said


def test_a_code_for_a_gate_that_is_registered_must_be_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["hub", "init", str(tmp_path)])
    gate = HubFolder(tmp_path, SystemClock()).add_gate("Cổng A")
    assert main(["hub", "code", str(tmp_path), "Cổng A"]) == 1
    assert "--again" in capsys.readouterr().err
    assert main(["hub", "code", str(tmp_path), "Cổng B", "--again"]) == 1
    assert "no such gate" in capsys.readouterr().err
    for name in ("Cổng A", gate.device_id):
        assert main(["hub", "code", str(tmp_path), name, "--again"]) == 0
        assert gate.device_id in capsys.readouterr().out


def test_a_second_code_says_until_when_the_first_one_stays_good(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["hub", "init", str(tmp_path)])
    gate = HubFolder(tmp_path, SystemClock()).add_gate("Cổng A")
    for name, again in [("Cổng B", []), ("Cổng C", []), (gate.device_id, ["--again"])]:
        assert main(["hub", "code", str(tmp_path), name, *again]) == 0
        assert "older code" not in capsys.readouterr().out
    for name, again in [("Cổng B", []), ("Cổng A", ["--again"])]:
        assert main(["hub", "code", str(tmp_path), name, *again]) == 0
        assert "\nAn older code of it stays good too: another 15 min, or until it is used.\n" in capsys.readouterr().out


def test_a_gate_is_revoked_by_name_and_the_list_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "init", str(tmp_path)])
    folder = HubFolder(tmp_path, SystemClock())
    one, twin, _ = (folder.add_gate(name) for name in ("Cổng A", "Cổng A", "Cổng B"))
    assert main(["hub", "revoke", str(tmp_path), "Cổng A"]) == 1
    said = capsys.readouterr().err
    assert one.device_id in said
    assert twin.device_id in said
    assert main(["hub", "revoke", str(tmp_path), "Cổng B"]) == 0
    main(["hub", "gate", "list", str(tmp_path)])
    listed = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in listed if "REVOKED" in line] == ["Cổng B"]
    assert sum(gate.device_id in line for gate in (one, twin) for line in listed) == 2  # else nobody could name one


def test_a_hub_from_before_hub_yaml_gets_other_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "init", str(tmp_path / "hub")])
    as_before(tmp_path / "hub")
    assert main(["hub", "certificate", str(tmp_path / "hub"), "--name", "hub.example.vn"]) == 0
    assert identity_of(str(tmp_path / "hub")).names == {"hub.example.vn"}
    assert main(["hub", "certificate", str(tmp_path / "hub"), "--name", "a b"]) == 78
    assert "--name" in capsys.readouterr().err


def test_a_document_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "enrolment.json"
    out.write_text("another gate's")
    main(["hub", "init", str(tmp_path / "hub")])
    assert main(["hub", "gate", "add", str(tmp_path / "hub"), "Cổng A", "--out", str(out)]) == 1
    assert out.read_text() == "another gate's"
    assert "--out" in capsys.readouterr().err


def test_a_second_init_is_a_configuration_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "init", str(tmp_path)])
    assert main(["hub", "init", str(tmp_path)]) == 78
    assert "already" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["run"], ["checkins"], ["gate", "list"]])
def test_a_folder_that_is_no_hub_says_how_to_make_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(["hub", *words, str(tmp_path)]) == 78
    assert "gate-scanner hub init" in capsys.readouterr().err


def test_a_port_that_is_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "init", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main(["hub", "run", str(tmp_path), "--port", "0"])
    assert ended.value.code == 2
    assert "--port: must be a whole number from 1 to 65535" in capsys.readouterr().err


def test_a_host_that_is_none_and_a_port_that_is_taken_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["hub", "init", str(tmp_path)])
    capsys.readouterr()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words in (["--port", port], ["--host", "x" * 300], ["--host", "192.0.2.1", "--no-tls"]):
            assert main(["hub", "run", str(tmp_path), *words]) == 69
            printed = capsys.readouterr()
            assert printed.out == ""
            (line,) = printed.err.splitlines()
            assert "cannot listen" in line
