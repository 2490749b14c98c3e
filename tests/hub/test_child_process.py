from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.errors import HubUnreachable
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.model import Receipt
from device.uplink.hub import HubClient
from tests.support.fake_outbox import batch_of, chained_rows


def test_a_hub_that_was_killed_comes_back_on_the_same_port_with_all_it_had_answered_for(folder: HubFolder) -> None:
    gate = folder.add_gate("Cổng A")
    rows = chained_rows(gate.device_id, gate.sealing_keys[-1], 4)
    with HubProcess(folder.path) as hub:
        url, first = hub.url, hub.pid
        uplink = HubClient(url, gate, SystemClock())
        uplink.deliver(batch_of(gate.device_id, rows[:3]))
        hub.kill()
        assert hub.pid is None
        with pytest.raises(HubUnreachable):
            uplink.deliver(batch_of(gate.device_id, rows))
        hub.start()
        assert (hub.url, hub.pid != first) == (url, True)
        assert uplink.deliver(batch_of(gate.device_id, rows)) == Receipt(4)
        uplink.close()
    store = folder.open_store()
    assert store.count()["checkins"] == 4
    store.close()


def test_a_folder_that_is_no_hub_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(HubUnreachable, match="ended with code"):
        HubProcess(tmp_path).start()


PARENT = """
import sys
from pathlib import Path
from device.hub.child_process import HubProcess
hub = HubProcess(Path(sys.argv[1]))
hub.start()
print(hub.pid, flush=True)
sys.stdin.read()
"""


def test_the_hub_does_not_outlive_a_parent_that_was_killed(folder: HubFolder) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        watched = os.pidfd_open(pid)
        parent.send_signal(signal.SIGKILL)
    try:
        ready, _, _ = select.select([watched], [], [], 20)
        assert ready == [watched]
    finally:
        os.close(watched)


def test_a_hub_in_a_child_process_imports_nothing_from_the_current_folder(
    folder: HubFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "device.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    with HubProcess(folder.path) as hub:
        assert hub.pid is not None


def test_a_hub_in_a_child_process_ends_without_a_word(folder: HubFolder, capfd: pytest.CaptureFixture[str]) -> None:
    with HubProcess(folder.path):
        pass
    assert capfd.readouterr().err == ""
