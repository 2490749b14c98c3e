"""The refreshing loop: what is newer, whole and good is put into force, all else leaves the last good one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from device.clock import ClockState
from device.crypto.signing import SigningKey
from device.errors import BundleRefused, HubRefused, HubUnreachable, UplinkError
from device.gate.traffic import Traffic
from device.store.bundle_store import BundleStore
from device.sync.refresh import Adopter, Refresher
from device.wire.bundle import Bundle, BundleKind, Incoming
from device.wire.catalogue import Catalogue, Offer, catalogue_of
from tests.support.fake_bundles import MADE_MS, bundle_bytes
from tests.support.fake_enrolment import ROOT
from tests.support.fake_server import PATIENCE_S
from tests.support.fakes import FakeClock
from tests.support.threads import running

POLICY, TRUST, WATCH = BundleKind.POLICY, BundleKind.TRUST, BundleKind.WATCH_LIST


class ScriptedBundles:
    """A hub that has these bundles."""

    def __init__(self) -> None:
        self.bundles: dict[BundleKind, tuple[int, bytes]] = {}
        self.succession: list[bytes] = []
        self.error: UplinkError | None = None
        self.looks, self.fetched, self.closed = 0, list[tuple[BundleKind, int]](), False

    def has(self, kind: BundleKind, version: int, body: bytes | None = None) -> None:
        self.bundles[kind] = (
            version,
            bundle_bytes(kind, version, f"{kind} {version}".encode()) if body is None else body,
        )

    def catalogue(self) -> Catalogue:
        self.looks += 1
        if self.error is not None:
            raise self.error
        return catalogue_of(
            [Offer(kind, version, len(body)) for kind, (version, body) in self.bundles.items()], self.succession
        )

    def fetch(self, offer: Offer, incoming: Incoming, pause: Callable[[], None]) -> None:
        self.fetched.append((offer.kind, offer.version))
        body = self.bundles[offer.kind][1]
        for start in range(0, len(body), 50):
            pause()
            incoming.feed(body[start : start + 50])

    def close(self) -> None:
        self.closed = True


class OneKind(Adopter):
    """Puts one kind into force at a test's gate."""

    def __init__(self, gate: Gate, kind: BundleKind) -> None:
        self.gate, self.kind = gate, kind

    def read(self, bundle: Bundle, pause: Callable[[], None]) -> Callable[[], None]:
        text = bytes(bundle.content).decode()
        if "broken" in text:
            raise BundleRefused("line 3: write a number")

        def put() -> None:
            self.gate.in_force[bundle.head.kind] = text

        return put

    def wanted(self) -> bool:
        return self.kind is not WATCH or self.gate.wants_list

    def drop(self) -> None:
        self.gate.in_force.pop(self.kind, None)


class Broken(Adopter):
    """Meets a defect, in reading or, when *late*, in putting into force."""

    def __init__(self, *, late: bool) -> None:
        self.late = late

    def read(self, bundle: Bundle, pause: Callable[[], None]) -> Callable[[], None]:
        if self.late:
            return self.put
        raise ZeroDivisionError("051090001234")

    def put(self) -> None:
        raise ZeroDivisionError("051090001234")


class Gate:
    """What is in force, and the loop that puts it there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.hub = folder, FakeClock(), ScriptedBundles()
        self.in_force: dict[BundleKind, str] = {}
        self.wants_list = True
        self.traffic = Traffic(self.clock)
        self.loop = self.started()

    def started(
        self,
        hub: ScriptedBundles | None = None,
        adopters: dict[BundleKind, Adopter] | None = None,
        beside: Beside | None = None,
    ) -> Refresher:
        self.in_force.clear()
        self.loop = Refresher(
            hub or self.hub,
            BundleStore(self.folder, ROOT.public, "gate-1"),
            adopters or {kind: OneKind(self, kind) for kind in (POLICY, TRUST, WATCH)},
            self.clock,
            self.traffic,
            beside=beside,
            interval_s=900,
            chance=lambda: 0.5,
        )
        self.loop.begin()
        return self.loop

    def told(self, kind: BundleKind) -> dict[str, object]:
        kinds = self.loop.snapshot()["kinds"]
        assert isinstance(kinds, list)
        return next(dict(one) for one in kinds if one["kind"] == kind)


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


def test_what_the_hub_has_is_put_into_force_once_and_again_when_it_is_newer(gate: Gate) -> None:
    gate.hub.has(POLICY, 7)
    assert gate.loop.look() == 900
    gate.loop.look()
    assert gate.in_force == {POLICY: "policy 7"}
    assert gate.hub.fetched == [(POLICY, 7)]
    gate.hub.has(POLICY, 8)
    gate.loop.look()
    assert gate.in_force == {POLICY: "policy 8"}


def test_the_last_good_one_is_in_force_after_a_restart_before_anybody_is_asked(gate: Gate) -> None:
    gate.hub.has(POLICY, 7)
    gate.loop.look()
    gate.started()
    assert gate.in_force == {POLICY: "policy 7"}
    assert gate.hub.looks == 1
    gate.loop.look()
    assert gate.hub.fetched == [(POLICY, 7)]


def test_a_people_list_is_gone_after_a_restart_until_it_is_fetched_and_no_older_one_comes_back(gate: Gate) -> None:
    gate.hub.has(WATCH, 7)
    gate.loop.look()
    assert gate.in_force == {WATCH: "watch-list 7"}
    gate.started()
    assert gate.in_force == {}
    gate.hub.has(WATCH, 6)
    gate.loop.look()
    assert gate.in_force == {}
    assert gate.told(WATCH)["refused"] == "the hub fell back to version 6; this gate has had 7"
    gate.hub.has(WATCH, 7)
    gate.loop.look()
    assert gate.in_force == {WATCH: "watch-list 7"}


def test_a_list_that_no_policy_asks_for_is_neither_fetched_nor_kept(gate: Gate) -> None:
    gate.hub.has(WATCH, 7)
    gate.wants_list = False
    gate.loop.look()
    assert gate.hub.fetched == []
    gate.wants_list = True
    gate.loop.look()
    assert gate.in_force == {WATCH: "watch-list 7"}
    gate.wants_list = False
    gate.loop.look()
    assert gate.in_force == {}


def flipped(body: bytes) -> bytes:
    return body[:-1] + bytes([body[-1] ^ 1])


GOOD = bundle_bytes(POLICY, 8, b"policy 8")
REFUSED = {
    "bit flip in the content": (flipped(GOOD), "its content is not the one that was signed"),
    "bit flip in the head": (GOOD[:100] + flipped(GOOD[:101])[100:] + GOOD[101:], "not signed by the root"),
    "another root": (bundle_bytes(POLICY, 8, b"policy 8", root=SigningKey.new()), "not signed by the root"),
    "another kind": (bundle_bytes(TRUST, 8, b"policy 8"), "it is a bundle of kind trust"),
    "another gate": (bundle_bytes(POLICY, 8, b"policy 8", device_id="gate-2"), "it is for another gate"),
    "an older one under a new number": (bundle_bytes(POLICY, 6, b"policy 6"), "version 6 is older than 7"),
    "another version": (bundle_bytes(POLICY, 9, b"policy 9"), "it is version 9, not 8"),
    "truncated": (GOOD[:-3], "cut short"),
    "nothing": (b"", "cut short"),
    "more than it says": (GOOD + b"x" * 1000, "longer than its head says"),
    "huge by its own word": (bundle_bytes(POLICY, 8, b"policy 8", size=10**9), "signed, and broken"),
    "somebody's page": (b"<html>" * 100, "not a bundle"),
    "right signature, broken body": (bundle_bytes(POLICY, 8, b"broken"), "line 3: write a number"),
}


@pytest.mark.parametrize(("body", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_bundle_that_is_not_good_is_refused_for_its_reason_and_the_last_good_one_stays(
    gate: Gate, body: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    gate.hub.has(POLICY, 7)
    gate.loop.look()
    gate.hub.has(POLICY, 8, body)
    gate.hub.has(TRUST, 3)
    gate.loop.look()
    gate.loop.look()
    assert gate.in_force == {POLICY: "policy 7", TRUST: "trust 3"}
    told = gate.told(POLICY)
    assert told["version"] == 7
    assert reason in str(told["refused"])
    assert sum("event=bundle-refused kind=policy" in line for line in caplog.messages) == 1
    gate.started()
    assert gate.in_force == {POLICY: "policy 7", TRUST: "trust 3"}
    gate.hub.has(POLICY, 8)
    gate.loop.look()
    assert gate.in_force[POLICY] == "policy 8"
    assert gate.told(POLICY)["refused"] is None


def test_a_hub_that_was_restored_to_an_older_version_is_refused_without_a_download(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    gate.hub.has(POLICY, 7)
    gate.loop.look()
    gate.hub.has(POLICY, 5)
    gate.loop.look()
    assert (gate.in_force, gate.hub.fetched) == ({POLICY: "policy 7"}, [(POLICY, 7)])
    assert "the hub fell back to version 5; this gate has had 7" in caplog.text


def test_one_out_of_date_stays_in_force_and_warns_once(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    gate.hub.has(POLICY, 7, bundle_bytes(POLICY, 7, b"policy 7", valid_until_ms=MADE_MS + 60_000))
    gate.loop.look()
    assert gate.told(POLICY)["old"] is False
    gate.clock.advance(61_000)
    for _ in range(3):
        gate.loop.look()
    assert gate.in_force == {POLICY: "policy 7"}
    assert sum("event=bundle-old" in line for line in caplog.messages) == 1
    assert (gate.told(POLICY)["old"], gate.told(POLICY)["age_s"]) == (True, 61)


def test_one_that_is_out_of_date_when_it_comes_is_taken_and_told(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    gate.hub.has(POLICY, 7, bundle_bytes(POLICY, 7, b"policy 7", valid_until_ms=1))
    gate.loop.look()
    assert gate.in_force == {POLICY: "policy 7"}
    assert "event=bundle-old kind=policy until=1970-01-01" in caplog.text


def test_a_clock_that_is_not_trusted_calls_nothing_old(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    gate.clock.state = ClockState.UNSYNCHRONISED
    gate.hub.has(POLICY, 7, bundle_bytes(POLICY, 7, b"policy 7", valid_until_ms=1))
    gate.loop.look()
    assert "event=bundle-old" not in caplog.text


def test_a_kept_one_that_this_version_cannot_read_is_told_and_fetched_again(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    BundleStore(tmp_path, ROOT.public, "gate-1").keep(read(bundle_bytes(POLICY, 7, b"broken")))
    gate.started()
    assert gate.in_force == {}
    assert "the one kept here" in str(gate.told(POLICY)["refused"])
    gate.hub.has(POLICY, 7)
    gate.loop.look()
    assert gate.in_force == {POLICY: "policy 7"}


def test_a_kept_one_that_meets_a_defect_does_not_keep_the_gate_from_starting(gate: Gate) -> None:
    gate.hub.has(POLICY, 7)
    gate.loop.look()
    for late in (False, True):
        gate.started(adopters={POLICY: Broken(late=late)})
        assert gate.told(POLICY)["refused"] == "the one kept here: a defect (ZeroDivisionError)"


def read(body: bytes) -> Bundle:
    incoming = Incoming([ROOT.public])
    incoming.feed(body)
    return incoming.whole()


# --- the root's successor -------------------------------------------------------------------------


def test_a_bundle_names_the_next_root_and_from_then_on_only_that_one_signs(gate: Gate) -> None:
    successor = SigningKey.new()
    gate.hub.has(POLICY, 7, bundle_bytes(POLICY, 7, b"policy 7", successor=successor.public))
    gate.loop.look()
    gate.hub.has(POLICY, 8)
    gate.loop.look()
    assert gate.in_force == {POLICY: "policy 7"}
    gate.hub.has(POLICY, 8, bundle_bytes(POLICY, 8, b"policy 8", root=successor))
    gate.loop.look()
    assert gate.in_force == {POLICY: "policy 8"}
    gate.started()
    assert gate.in_force == {POLICY: "policy 8"}


def test_a_gate_that_missed_the_word_of_the_old_root_is_given_it_with_the_catalogue(gate: Gate) -> None:
    successor = SigningKey.new()
    gate.hub.has(POLICY, 8, bundle_bytes(POLICY, 8, b"policy 8", root=successor))
    gate.loop.look()
    assert gate.in_force == {}
    gate.hub.succession = [read(bundle_bytes(TRUST, 3, b"trust 3", successor=successor.public)).signed]
    gate.loop.look()
    assert gate.in_force == {POLICY: "policy 8"}


# --- when it looks --------------------------------------------------------------------------------


def test_a_hub_that_cannot_be_reached_is_asked_again_after_growing_pauses_and_logged_once(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    gate.hub.error = HubUnreachable("no answer")
    pauses = [gate.loop.look() for _ in range(4)]
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1] < 900
    assert sum("event=bundles-not-refreshed" in line for line in caplog.messages) == 1
    assert gate.loop.snapshot()["error"] == "unreachable"
    gate.hub.error = None
    assert gate.loop.look() == 900
    assert gate.loop.snapshot()["error"] is None


@pytest.mark.parametrize(("status", "person"), [(421, True), (401, True), (404, True), (429, False), (503, False)])
def test_a_refusal_that_somebody_must_put_right_is_told_as_one(gate: Gate, status: int, person: bool) -> None:  # noqa: FBT001 - a table
    gate.hub.error = HubRefused(status)
    gate.loop.look()
    assert gate.loop.snapshot()["refused"] is person
    gate.hub.error = None
    gate.loop.look()
    assert gate.loop.snapshot()["refused"] is False


def test_a_hub_that_asks_for_a_pause_is_given_it(gate: Gate) -> None:
    gate.hub.error = HubRefused(429, timedelta(seconds=120))
    assert gate.loop.look() >= 120


def test_a_receipt_wakes_it_only_when_there_is_something_new_or_the_hub_was_away(gate: Gate) -> None:
    def wakes(etag: str) -> bool:
        gate.loop._wake.clear()
        gate.loop.heard(etag)
        return gate.loop._wake.is_set()

    gate.hub.has(POLICY, 7)
    gate.loop.look()
    etag = gate.hub.catalogue().etag
    assert [wakes(etag), wakes(""), wakes("0123456789abcdef")] == [False, False, True]
    gate.hub.error = HubUnreachable("no answer")
    gate.loop.look()
    assert wakes(etag)
    gate.hub.error = HubRefused(503)
    gate.loop.look()
    assert not wakes("0123456789abcdef")


def test_while_a_code_is_in_view_it_waits_before_asking_and_between_pieces_but_not_for_ever(gate: Gate) -> None:
    gate.hub.has(POLICY, 7)
    gate.traffic.code_in_view(gate.clock.since_boot_ms - 350)
    gate.loop.look()
    assert gate.clock.waits == [0.05] * 3
    gate.traffic.code_in_view(gate.clock.since_boot_ms + 10**9)
    gate.hub.has(POLICY, 8)
    gate.loop.look()
    assert gate.in_force == {POLICY: "policy 8"}


def test_its_thread_looks_and_ends_when_it_is_told_to(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    looked = threading.Event()

    class Stopping(ScriptedBundles):
        def catalogue(self) -> Catalogue:
            gate.loop.close()
            looked.set()
            return super().catalogue()

    hub = Stopping()
    hub.has(POLICY, 7)
    with running(gate.started(hub)):
        assert looked.wait(PATIENCE_S)
    assert gate.in_force == {POLICY: "policy 7"}
    assert hub.closed


@pytest.mark.parametrize("late", [False, True])
def test_a_defect_that_a_content_meets_refuses_that_bundle_and_ends_nothing(
    gate: Gate, caplog: pytest.LogCaptureFixture, *, late: bool
) -> None:
    gate.started(adopters={POLICY: Broken(late=late), TRUST: OneKind(gate, TRUST)})
    gate.hub.has(POLICY, 7)
    gate.hub.has(TRUST, 3)
    gate.loop.look()
    assert gate.in_force == {TRUST: "trust 3"}
    assert gate.told(POLICY)["refused"] == "a defect (ZeroDivisionError)"
    assert "051090001234" not in caplog.text


def test_any_other_defect_ends_the_loop(gate: Gate) -> None:
    class Defective(ScriptedBundles):
        def catalogue(self) -> Catalogue:
            raise ZeroDivisionError

    gate.started(Defective())
    with pytest.raises(ZeroDivisionError):
        gate.loop.run()


class Beside:
    """What is done between two looks; ends the loop after so many turns."""

    def __init__(self, gate: Gate, turns: int, asks_s: float) -> None:
        self.gate, self.turns, self.asks_s = gate, turns, asks_s
        self.at: list[tuple[float, int]] = []

    def turn(self) -> float:
        self.at.append((self.gate.clock.monotonic_s() - 1000, self.gate.hub.looks))
        if len(self.at) >= self.turns:
            self.gate.loop.close()
        return self.asks_s


def test_what_is_done_beside_has_its_turns_between_two_looks_and_delays_none(gate: Gate) -> None:
    beside = Beside(gate, 32, 30)
    gate.started(beside=beside).run()
    assert beside.at[:3] == [(1, 1), (31, 1), (61, 1)]
    assert beside.at[29:] == [(871, 1), (901, 2), (931, 2)]
    assert sum(gate.clock.waits) < 1000


def test_one_who_asks_to_come_back_at_once_does_not_turn_the_loop_hot(gate: Gate) -> None:
    beside = Beside(gate, 100, 0)
    gate.started(beside=beside).run()
    assert gate.clock.monotonic_s() - 1000 >= 49


def test_a_defect_beside_ends_the_loop(gate: Gate) -> None:
    class Defective(Beside):
        def turn(self) -> float:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        gate.started(beside=Defective(gate, 1, 1)).run()
