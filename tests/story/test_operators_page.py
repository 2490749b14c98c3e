"""The operator's page, ``config/hub.md``: each command is run, one after the other, and a gate goes on delivering.

``sudo`` is left out, folders lie in a temporary one, and the service is a hub of this test's own. What the page has the
operator write into ``hub.yaml`` is written there.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.model import SealedRow
from tests.support.children import python_module, surroundings
from tests.support.fake_outbox import batch_of, chained_rows
from tests.support.fake_server import RawServer, answering
from tests.support.postgres import Cluster

PAGE = Path(__file__).parents[2] / "config" / "hub.md"
STEPS = re.findall(r"^```(sh|yaml)\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
DESK = "0.0.0.0:8443"
DATABASE = "postgresql+psycopg://gate-hub@/gate_hub?host=/var/run/postgresql"
COVERAGE = "/srv/coverage"
WEBHOOK = "https://alerts.example.vn/gates"
GATE = "Cổng A"


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


class Operator:
    """Does what the page says."""

    def __init__(self, folder: Path, cluster: Cluster, webhook: str) -> None:
        self.folder, self.cluster, self.webhook = folder, cluster, webhook
        self.path = folder / "var/lib/gate-hub"
        for name in ("var/lib", "tmp", "media/stick", "media/disk", "srv/coverage"):
            (folder / name).mkdir(parents=True)
        self.service: subprocess.Popen[bytes] | None = None
        self.url, self.desk = cluster.url("gate_hub", "gate-hub"), free_address()
        self.done: list[str] = []
        self.device_id = ""
        self.rows: tuple[SealedRow, ...] = ()
        self.sent = 0

    def run(self, command: str) -> str:
        """Run a command of the page; returns what it said."""
        self.done.append(command)
        words = shlex.split(re.sub(r"^sudo (-u \S+ )?", "", command), comments=True)
        words = [re.sub(r"^/(var|tmp|media|srv)/", f"{self.folder}/\\1/", word) for word in words]
        match words:
            case ["./setup.sh", "install", "--hub", name]:  # makes the folder and starts the service
                self.run(f"gate-scanner hub init /var/lib/gate-hub --name {name} --listen {free_address()}")
                self.write("metrics: off")
                self.write("desk: off")
                gate = HubFolder(self.path, SystemClock()).add_gate(GATE)
                self.device_id = gate.device_id
                self.rows = chained_rows(gate.device_id, gate.sealing_keys[0], 60)
                return self.run("systemctl start gate-hub")
            case ["apt-get" | "chown" | "install", *_] | ["systemctl", "edit", "gate-hub"]:
                return ""  # the machine's; the tests have a server of their own
            case ["createuser" | "createdb" | "dropdb" as program, *_]:
                return self.cluster.client(program, *words[1:])
            case ["systemctl", "start" | "stop" | "restart" as how, "gate-hub"]:
                return self.serve(how)
            case ["rm", "-f", *files]:
                for file in files:
                    Path(file).unlink(missing_ok=True)
                return ""
            case ["gate-scanner", *rest]:
                told = io.StringIO()
                with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
                    code = main(rest)
                assert code == 0, (command, told.getvalue())
                return told.getvalue()
        raise AssertionError(f"the page has a command nobody tries: {command}")

    def serve(self, how: str) -> str:
        """Start or stop the service."""
        if how != "start":
            assert self.service is not None
            self.service.terminate()
            assert self.service.wait(30) == 0
            self.close()
        if how != "stop":
            run = [*python_module("device"), "hub", "run", str(self.path)]
            self.service = subprocess.Popen(run, stdout=subprocess.PIPE, env=surroundings())
            assert self.service.stdout is not None
            assert self.service.stdout.readline().startswith(b"hub on http")
        return ""

    def close(self) -> None:
        """End the service, if it runs."""
        if self.service is not None:
            self.service.terminate()
            self.service.communicate()
            self.service = None

    def deliver(self) -> None:
        """Let the gate send one more check-in, and what it has sent before, as to a hub that is back from a copy."""
        self.sent += 1
        with closing(HubFolder(self.path, SystemClock()).open_store()) as store:
            assert store.ingest(batch_of(self.device_id, self.rows[: self.sent])).cursor == self.sent
            assert store.count()["checkins"] == self.sent

    def write(self, text: str) -> None:
        """Write lines into ``hub.yaml``, in the place of the one with the same key, or else of the comment with it."""
        settings = self.path / "hub.yaml"
        line = text.rstrip("\n").replace(DATABASE, self.url).replace(DESK, self.desk).replace(WEBHOOK, self.webhook)
        line = line.replace(COVERAGE, f"{self.folder}{COVERAGE}")
        key = line.partition(":")[0].lstrip()
        indent = line[: len(line) - len(line.lstrip())]
        before = settings.read_text("utf-8")
        written, times = re.subn(rf"(?m)^{indent}{key}:.*$", lambda _: line, before)
        if not times:
            written, times = re.subn(rf"(?m)^{indent}# {key}:.*$", lambda _: line, before)
        assert times <= 1
        settings.write_text(written if times else f"{written}{line}\n", "utf-8")


@pytest.fixture
def operator(tmp_path: Path, postgres: Cluster) -> Iterator[Operator]:
    with RawServer(answering("HTTP/1.1 204 No Content")) as webhook:
        operator = Operator(tmp_path, postgres, webhook.url)
        yield operator
        operator.close()
        assert webhook.connections
    postgres.drop("gate_hub")
    postgres.execute('DROP ROLE IF EXISTS "gate-hub"')


def test_the_page_leads_from_one_venue_to_several_hosts_and_back_from_its_copies(operator: Operator) -> None:
    kinds = [kind for kind, _ in STEPS]
    assert kinds.count("sh") >= 9
    assert kinds.count("yaml") == 5
    for kind, text in STEPS:
        if kind == "yaml":
            operator.write(text)
            continue
        for line in text.splitlines():
            said = operator.run(line)
            if "hub gate list" in line:
                assert GATE in said
            if "hub account list" in line:
                assert "Lan Anh" in said
            if operator.service is not None:
                operator.deliver()
    assert operator.sent > 10
    assert not (operator.path / "hub.db").exists()
    assert (operator.folder / "tmp/ingest/hub.yaml").exists()
    assert not (operator.folder / "tmp/ingest/keys").exists()
