"""Every command in README: run here as it is written, or its words are taken by the real parser and a reason is given.

A new command in README is run; where it cannot be, `NOT_HERE` asks for the reason. ``sudo`` is left out, the installed
site file and folders are replaced by some of a temporary folder, and so are the words in capitals.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from device.cli import COMMANDS, main, whole_parser
from device.clock import SystemClock
from device.crypto.sealing import Sealer
from device.enrolment import document as enrolment
from device.enrolment.lone import make_lone
from device.hub.backup import back_up
from device.hub.folder import HubFolder
from device.model import Batch, Output, Receipt
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.wire.checkins import BATCH_MOST_BYTES
from tests.bench.__main__ import whole_parser as bench_parser
from tests.support.fake_outbox import check_in
from tests.support.fake_server import HubThread
from tests.support.running_gate import MOST_S, running

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text("utf-8")
SETUP = tuple(re.findall(r"^\./setup\.sh ([a-z]+)", (CHECKOUT / "setup.sh").read_text(), re.MULTILINE))
COMMAND = re.compile(
    r"(?:sudo (?:-u \S+ )?)?(?:gate-scanner|\./setup\.sh|systemctl|journalctl|install -|chown) ?[^ ].*", re.DOTALL
)
NOT_HERE = {
    "./setup.sh demo": "a minute, with an environment of its own; tests/demo/test_demo.py",
    "./setup.sh test": "that is what runs this test, or takes half an hour",
    "./setup.sh bench": "minutes; each has a small run as its test in tests/bench/",
    "./setup.sh bundle": "fetches packages; tests/test_setup.py",
    "./setup.sh upgrade /media/stick/BUNDLE.tar": "needs such an archive; tests/test_upgrade.py",
    "gate-scanner hub ingest": "needs PostgreSQL: tests/hub/test_ingest_folder.py",
    "gate-scanner doctor service": "runs a service for ten seconds; tests/cli/test_doctor.py",
    "gate-scanner lights all": "half a minute; one cue is played here",
    "systemctl": "of the installed machine",
    "journalctl": "of the installed machine",
    "install -": "of the system",
    "chown": "of the system",
}
"""What a command begins with that cannot be run here → why, or where else it is."""
MAY_FAIL = ("gate-scanner status", "gate-scanner doctor card")
"""They answer with 1 where something of this machine is to be seen to."""
NEEDS = {
    "gate-scanner status": "sudo",
    "gate-scanner why": "sudo",
    "gate-scanner lights ": "sudo",
    "gate-scanner check": "sudo",
    "gate-scanner doctor card": "sudo",
    "gate-scanner queue": "sudo -u gate-scanner",
    "gate-scanner enrol": "sudo -u gate-scanner",
    "gate-scanner lone init": "sudo -u gate-scanner",
    "gate-scanner hub backup": "sudo",  # a stick is root's
    "gate-scanner hub restore": "sudo",
    "gate-scanner hub init": "",
    "gate-scanner hub": "sudo -u gate-hub",
}
"""What stands before it on an installed machine: socket, files and folders are not everybody's. The first counts."""
MAIN, VIETNAMESE = "Main entrance", "Cổng chính"
SITE = """
place: {{name: Chợ Mẫu, province: Quảng Ngãi}}
camera: {{source: replay, replay: {{path: {pictures}}}}}
pins: {{driver: mock, green: 17, red: 27}}
store: {{folder: {store}, volatile_ok: true}}
{more}
"""


def in_readme() -> list[str]:
    """Return each command of README once, without ``sudo``: lines of shell blocks, and what is between backquotes."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    lines = [line.split(" #")[0] for kind, block in blocks if kind == "sh" for line in block.splitlines()]
    spans = [" ".join(span.split()) for span in spans_of_text()]
    commands = [line.strip() for line in [*lines, *spans] if COMMAND.fullmatch(line.strip())]
    return list(dict.fromkeys(re.sub(r"^sudo (-u \S+ )?", "", command) for command in commands))


def spans_of_text() -> list[str]:
    """Return what stands between backquotes in the text of README."""
    return re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```", "", README, flags=re.DOTALL | re.MULTILINE))


def reason(command: str) -> str | None:
    """Return why a command is not run here; ``None`` when it is."""
    return next((why for begin, why in NOT_HERE.items() if f"{command} ".startswith(f"{begin.rstrip('-')}")), None)


HERE = [command for command in in_readme() if reason(command) is None]
ELSEWHERE = [command for command in in_readme() if reason(command) is not None]


@dataclass(frozen=True)
class Machines:
    """A hub with gates, one without, a gate that runs, what a gate left behind that had a row refused, a lone gate.

    Attributes:
        folder: where they all lie.
        url: of the hub, which runs.
        code: a code of that hub.
    """

    folder: Path
    url: str
    code: str

    def site(self, folder: Path, more: str = "") -> Path:
        """Write the site file of another gate, whose store is in *folder*."""
        file = folder / "site.yaml"
        file.write_text(SITE.format(store=folder / "store", pictures=self.folder / "gate/codes", more=more), "utf-8")
        return file


def fill(store: Path, gate: enrolment.Enrolment, refused: int = 0) -> Batch | None:
    """Record twelve check-ins as that gate; when one of the first five was refused, these have been delivered."""
    with SqliteLedger.open(store, gate.device_id, Sealer(gate.device_id, gate.sealing_keys)) as ledger:
        for number in range(1, 13):
            ledger.record(check_in(number))
    if not refused:
        return None
    with SqliteOutbox(store) as outbox:
        batch = outbox.next_batch(5, BATCH_MOST_BYTES)
        assert batch is not None
        outbox.settle(batch, Receipt(5, ((refused, "status-422"),)))
    return batch


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    folder = tmp_path_factory.mktemp("machines")
    HubFolder.create(folder / "bare", SystemClock())
    hub = HubFolder.create(folder / "hub", SystemClock())
    gates = [hub.add_gate(name) for name in (MAIN, VIETNAMESE)]
    back_up(hub, folder / "backup")
    (folder / "refused" / "store").mkdir(parents=True)
    enrolment.write(folder / "refused/store" / enrolment.FILE_NAME, gates[0])
    batch = fill(folder / "refused/store", gates[0], refused=3)
    assert batch is not None
    (folder / "lone").mkdir()
    fill(folder / "lone", make_lone(folder / "lone", folder / "gate.key", print))
    with HubThread(hub) as server:
        for rows in (batch.rows[:2], batch.rows[3:]):  # the one between them was refused
            server.store.ingest(Batch(batch.device_id, batch.epoch, rows, batch.places))
        code = server.store.new_code("A third")
        made = Machines(folder, server.url, code.letters)
        (folder / "gate").mkdir()
        made.site(folder / "gate", f"hub: {{url: '{server.url}'}}")
        with running(folder / "gate", at_end="hold") as gate:
            assert gate.answered.wait(MOST_S)
            with gate.film.changed:  # while somebody is let in, no lamp is rehearsed
                assert gate.film.changed.wait_for(lambda: lit_and_dark_again(gate.film.shots), MOST_S)
            yield made


def lit_and_dark_again(shots: list[frozenset[Output]]) -> bool:
    """Return whether the green lamp was lit and is no more."""
    return any(Output.GREEN in lit for lit in shots) and Output.GREEN not in shots[-1]


def config_of(command: str, machines: Machines, folder: Path) -> Path | None:
    """Return the site file that takes the place of the installed one; ``None`` for a command that asks for none."""
    match command.split()[1:3]:
        case ["queue", _]:
            shutil.copytree(machines.folder / "refused", folder / "refused")
            return machines.site(folder / "refused", f"hub: {{url: '{machines.url}'}}")
        case ["enrol", _]:
            return machines.site(folder, f"hub: {{url: '{machines.url}'}}")
        case ["lone", "init"]:
            return machines.site(folder)
        case ["check", *words]:
            return None if "FILE" in words else machines.folder / "gate/site.yaml"
        case ["status" | "why" | "lights" | "doctor", *_]:
            return machines.folder / "gate/site.yaml"
    return None


def filled(command: str, machines: Machines, folder: Path) -> str:
    """Return a command of ``gate-scanner`` as it is run in *folder*: with folders and files that are there."""
    stick = folder / "stick"
    stick.mkdir()
    shutil.copy(machines.folder / "gate.key", stick)
    if "/gate-hub" in command or " hub " in command:  # a new gate comes to one that has none
        bare = "hub code" in command or "hub gate add" in command
        shutil.copytree(machines.folder / ("bare" if bare else "hub"), folder / "hub")
    if "hub poster" in command:
        assert main(["hub", "place", "add", str(folder / "hub"), "Chợ Mới", "--province", "Hà Nội"]) == 0
    if "hub restore" in command:
        shutil.copytree(machines.folder / "backup", stick / "hub-monday")
    if "lone init" in command:
        (stick / "gate.key").unlink()
    (folder / "payloads").write_text("WIFI:T:WPA;S:quan;;\n")
    (folder / "places.csv").write_text("Tên;Tỉnh\nChợ Mới;Hà Nội\n", "utf-8")
    config = config_of(command, machines, folder)
    if config is not None:
        words, arrow, where = command.partition(" > ")
        command = f"{words} --config {shlex.quote(str(config))}{arrow}{where}"
    policy, people = CHECKOUT / "config/policy/record-only.yaml", CHECKOUT / "config/people.example.jsonl"
    file = people if "hub status" in command else policy
    for word, value in {
        "/var/lib/gate-hub": folder / "hub",
        "/media/stick": stick,
        "/tmp/enrolment.json": folder / "enrolment.json",
        "/tmp/poster.pdf": folder / "poster.pdf",
        r"\bFILE\b": file,
        r"\bDIR\b": folder / "new" if "hub init" in command else machines.folder / "lone",
        r"\bCODE\b": machines.code,
        r"\bSEQ\b": 3,
        r"\bCERTIFICATES\b": machines.folder / "hub/tls/ca.pem",
    }.items():
        command = re.sub(word, str(value), command)
    return command


def setup(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``./setup.sh`` for a machine below *folder*, on which an older version is installed; it changes nothing."""
    base = folder / "root/opt/gate-scanner"
    (base / "versions/older").mkdir(parents=True)
    (base / "current").symlink_to("versions/older")
    (base / "versions/before/kit").mkdir(parents=True)
    (base / "versions/before/complete").touch()
    (base / "versions/before/kit/systemd").symlink_to(CHECKOUT / "systemd")
    (base / "previous").symlink_to("versions/before")
    public = Ed25519PrivateKey.generate().public_key()
    (folder / "update.pub").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    words = [str(folder / word) if word == "update.pub" else word for word in words]
    return subprocess.run(
        [CHECKOUT / "setup.sh", *words, "--dry-run", "--root", folder / "root"],
        env=os.environ | {"SETUP_PYTHON": sys.executable},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def in_this_process(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the hub: each of the many would spend most of a second on importing what a hub needs."""
    told = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        code = main(shlex.split(command)[1:])
    return subprocess.CompletedProcess(command, code, told.getvalue(), "")


def in_a_shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run what a person types."""
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", HERE)
def test_a_command_of_the_readme_works_as_it_is_written(command: str, machines: Machines, tmp_path: Path) -> None:
    if command.startswith("./setup.sh "):
        done = setup(shlex.split(command)[1:], tmp_path)
    else:
        run = in_this_process if command.startswith("gate-scanner hub ") else in_a_shell
        done = run(filled(command, machines, tmp_path), tmp_path)
    codes = {0, 1} if command.startswith(MAY_FAIL) else {0}
    assert done.returncode in codes, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ELSEWHERE)
def test_the_words_of_a_command_that_is_not_run_here_are_taken(command: str, tmp_path: Path) -> None:
    words = shlex.split(command)
    match words:
        case ["gate-scanner", *rest]:
            whole_parser().parse_args(rest)
        case ["./setup.sh", "demo", *_]:
            whole_parser().parse_args(words[1:])
        case ["./setup.sh", "bench", *rest]:
            bench_parser()[0].parse_args(rest)
        case ["./setup.sh", "test", *rest]:
            assert rest in ([], ["--browser"], ["--appliance"], ["--appliance", "-k", "eye"])
        case ["./setup.sh", "bundle", *rest]:
            without_key = [word if word != "update.key" else str(tmp_path / word) for word in rest]
            done = subprocess.run([*words[:2], *without_key], cwd=CHECKOUT, capture_output=True, text=True, check=False)
            assert done.stderr.startswith("setup.sh: --key ")
        case ["./setup.sh", *rest]:
            assert setup(rest, tmp_path).stderr.startswith("setup.sh: /media/stick/BUNDLE.tar: there is no such file")
        case _:
            units = {path.name.split(".")[0] for path in (CHECKOUT / "systemd").iterdir()}
            named = {word.split("@")[0] for word in words if re.match(r"gate-[a-z-]+(@|$)", word)}
            assert {unit.rstrip("@") for unit in named} <= {unit.rstrip("@") for unit in units}


def test_every_reason_is_that_of_a_command_in_the_readme() -> None:
    assert [begin for begin in NOT_HERE if not any(command.startswith(begin) for command in ELSEWHERE)] == []
    assert len(HERE) > len(NOT_HERE)


def test_a_command_is_written_with_the_user_it_needs() -> None:
    for span in filter(COMMAND.fullmatch, (" ".join(span.split()) for span in spans_of_text())):
        before, _, rest = span.rpartition("gate-scanner ")
        command = f"gate-scanner {rest}"
        needed = next((user for begin, user in NEEDS.items() if command.startswith(begin)), None)
        if needed is not None and "FILE" not in rest.split()[1:2]:
            assert before.strip() == needed, span


def test_a_command_in_the_text_is_written_whole() -> None:
    firsts = {*COMMANDS, *SETUP}
    assert [span for span in spans_of_text() if span.split()[0] in firsts and len(span.split()) > 1] == []


def test_the_command_of_a_checkout_is_where_the_demo_puts_it() -> None:
    (folder,) = re.findall(r"command is `(\S+)/bin/gate-scanner`, after `\./setup\.sh demo`", README)
    (demo,) = re.findall(r"^demo\(\) \{\n(.*?)^\}", (CHECKOUT / "setup.sh").read_text(), re.DOTALL | re.MULTILINE)
    assert f"ensure_environment {folder} " in demo


def test_a_new_command_would_be_run() -> None:
    assert COMMAND.fullmatch("sudo -u gate-hub gate-scanner hub nonsense DIR")
    assert reason("gate-scanner hub nonsense DIR") is None
    with pytest.raises(SystemExit):
        main(["hub", "nonsense", "DIR"])
