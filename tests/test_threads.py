"""Service threads: whatever one of a gate meets that nobody foresaw ends the service, with its reason."""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from device.crypto.sealing import Sealer, new_key_pair
from device.enrolment.document import Enrolment
from device.gate.traffic import Traffic
from device.indicator.player import LampIndicator
from device.model import Batch, Cue, Output, Receipt
from device.monitor.control_socket import SOCKET, ControlSocket, Question
from device.policy import PATTERNS, Policy
from device.ports import Outbox
from device.settings.policy_in_force import PolicyFollower, PolicySource
from device.store.bundle_store import BundleStore
from device.store.checkup import Checkup
from device.store.ledger import SqliteLedger
from device.sync.refresh import Refresher
from device.threads import ServiceEnd, ServiceThread, Work
from device.uplink.enrol import Enroller
from device.wire.bundle import Incoming
from device.wire.catalogue import Catalogue, Offer
from tests.support.delivering import Delivering
from tests.support.fake_enrolment import ROOT
from tests.support.fake_server import PATIENCE_S
from tests.support.fakes import FakeClock

CHECKOUT = Path(__file__).parents[1]
PRIVATE = "051090001234"


class Waiting:
    """Waits until it is closed; or for good, when it is *deaf*."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.began, self.closed, self.deaf = threading.Event(), threading.Event(), deaf

    def run(self) -> None:
        self.began.set()
        self.closed.wait(PATIENCE_S)

    def close(self) -> None:
        if not self.deaf:
            self.closed.set()


class Failing:
    def run(self) -> None:
        raise ZeroDivisionError(PRIVATE)

    def close(self) -> None:
        pass


def test_what_runs_on_a_service_thread_is_closed_and_waited_for() -> None:
    end, work = ServiceEnd(threading.Event()), Waiting()
    with ServiceThread("waiting", work, end.fail) as thread:
        assert work.began.wait(PATIENCE_S)
    assert thread.stop()
    assert work.closed.is_set()
    assert not end.failed


def test_one_that_does_not_end_is_left_behind_at_its_deadline() -> None:
    work = Waiting(deaf=True)
    thread = ServiceThread("deaf", work, ServiceEnd(threading.Event()).fail, 0.01)
    thread.start()
    assert not thread.stop()
    work.closed.set()


def test_one_that_was_never_started_is_closed_too() -> None:
    work = Waiting()
    assert ServiceThread("idle", work, ServiceEnd(threading.Event()).fail).stop()
    assert work.closed.is_set()


def test_a_defect_ends_the_service_and_the_log_says_where_and_never_with_which_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop = threading.Event()
    end = ServiceEnd(stop)
    ServiceThread("failing", Failing(), end.fail).start()
    assert stop.wait(PATIENCE_S)
    assert end.failed
    (line,) = caplog.records
    assert line.levelno == logging.CRITICAL
    assert line.getMessage().startswith(
        "event=thread-failed thread=failing reason=ZeroDivisionError at=test_threads.py:"
    )
    assert PRIVATE not in caplog.text


# --- every loop of a gate ---------------------------------------------------------------------------


def defect(*_: object) -> None:
    raise ZeroDivisionError(PRIVATE)


class Defective:
    """What breaks whatever it is asked for: an uplink, a source of bundles, lamps."""

    def deliver(self, batch: Batch) -> Receipt:
        raise AssertionError

    def catalogue(self) -> Catalogue:
        raise ZeroDivisionError(PRIVATE)

    def fetch(self, offer: Offer, incoming: Incoming, pause: Callable[[], None]) -> None:
        raise AssertionError

    def set(self, lines: frozenset[Output]) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise ZeroDivisionError(PRIVATE)

    def close(self) -> None:
        pass


class Questions(dict[str, Question]):
    """Questions that cannot even be looked up."""

    def __missing__(self, name: str) -> Question:
        raise ZeroDivisionError(PRIVATE)


def delivery(_folder: Path) -> Work:
    def no_outbox() -> AbstractContextManager[Outbox]:
        raise ZeroDivisionError(PRIVATE)

    return Delivering(no_outbox, Defective(), FakeClock()).delivery


def refresher(folder: Path) -> Work:
    clock = FakeClock()
    return Refresher(Defective(), BundleStore(folder, ROOT.public, "gate-1"), {}, clock, Traffic(clock))


def policy_follower(_folder: Path) -> Work:
    clock = FakeClock()
    source = PolicySource(None, Policy("one"), clock)
    source.offer(Policy("two"), 0)
    return PolicyFollower(source, clock, defect)


def trust_list_follower(_folder: Path) -> Work:
    clock = FakeClock()
    return PolicyFollower(PolicySource(None, Policy("one"), clock), clock, defect, [defect])


def checkup(folder: Path) -> Work:
    class DefectiveLedger(SqliteLedger):
        @property
        def epoch(self) -> str:
            raise ZeroDivisionError(PRIVATE)

    ledger = DefectiveLedger.open(folder, "gate-1", Sealer("gate-1", [new_key_pair()[0]]))
    ledger.close()
    return Checkup(ledger, folder)


def control_socket(folder: Path) -> Work:
    asked = ControlSocket(folder, Questions())
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.connect(str(folder / SOCKET))
        asking.sendall(b'{"ask": "status"}\n')
    return asked


def lamps(_folder: Path) -> Work:
    indicator = LampIndicator(Defective(), PATTERNS, FakeClock())
    indicator.show(Cue.GRANTED)
    return indicator


def enroller(_folder: Path) -> Work:
    def attempt() -> Enrolment:
        raise ZeroDivisionError(PRIVATE)

    return Enroller(attempt, FakeClock())


@pytest.mark.parametrize(
    "work",
    [delivery, refresher, policy_follower, trust_list_follower, checkup, control_socket, lamps, enroller],
)
def test_a_defect_in_any_loop_of_a_gate_ends_the_service(
    work: Callable[[Path], Work], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    end = ServiceEnd(stop)
    with ServiceThread("loop", work(tmp_path), end.fail):
        assert stop.wait(PATIENCE_S)
    assert end.failed
    assert "event=thread-failed thread=loop reason=ZeroDivisionError at=" in caplog.text
    assert PRIVATE not in caplog.text


OTHER_THREADS = {
    "device/demo/stage.py": "the gate of the demo, joined by the stage, which tells what it raised",
    "device/eye/child.py": "ends the eye with its connection; its watchdog ends one in which this has ended",
    "device/eye/connection.py": "reads one eye; whatever it raises costs that eye and is told as its reason",
    "device/eye/process.py": "passes on to a terminal what an eye prints; without it the eye's lines are missing there",
    "device/hub/child_process.py": "waits for the end of the parent, and ends the process",
    "device/hub/publishing/publish.py": "the digests of a list; what one raises is raised again where they were asked",
    "device/threads.py": "the service thread itself",
    "device/uplink/request.py": "one request; what it raises is raised again where it was asked for",
}
"""Every module that starts a thread which is no `ServiceThread`, and why a defect in it is not silent."""


def test_no_other_thread_is_started_anywhere_whose_defect_could_be_silent() -> None:
    made = re.compile(r"threading\.Thread\b|threading\.Timer\b|ThreadPoolExecutor|start_new_thread")
    sources = sorted((CHECKOUT / "device").rglob("*.py"))
    found = {str(path.relative_to(CHECKOUT)) for path in sources if made.search(path.read_text("utf-8"))}
    assert found == set(OTHER_THREADS)
