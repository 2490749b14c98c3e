"""A whole gate and a whole hub: what is published changes what the lamp says; no code held up to the camera does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.gate.registrar import Answer
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.hub.publishing.people_file import read_people_file
from device.hub.publishing.publish import content_of, content_of_people
from device.model import Cue, Reason
from device.monitor.control_socket import ask
from device.policy import Policy
from device.wire.bundle import PEOPLE_LISTS, BundleKind
from tests.support.fake_bundles import bundle_bytes
from tests.support.fake_server import PATIENCE_S
from tests.support.running_gate import Running, running
from tests.support.stage import GONE, Stage, seen
from tests.support.visitors import CARD

NUMBER = CARD[:12].decode()
WATCH = "version: watch-2\nvalid_from: 2021-10-07\nrepeat_window: 0s\nwatch_list: {}\n"
FROM_HUB = "hub: {{url: '{url}', interval: 100ms}}\npolicy: {{from: hub}}\n"


def answered(gate: Running, wanted: Callable[[Answer], bool]) -> bool:
    """Wait until the gate has given such an answer."""
    clock = SystemClock()
    give_up_s = clock.monotonic_s() + 2 * PATIENCE_S
    while clock.monotonic_s() < give_up_s:
        gate.answered.clear()
        if any(wanted(answer) for answer in list(gate.answers)):
            return True
        gate.answered.wait(1.0)
    return False


def for_reason(reason: Reason, policy: str) -> Callable[[Answer], bool]:
    return lambda answer: (
        answer.reason is reason and answer.decision is not None and answer.decision.policy_version == policy
    )


def publish(hub: HubFolder, kind: BundleKind, text: str) -> None:
    file = hub.path.parent / kind
    file.write_text(text, "utf-8")
    people = kind in PEOPLE_LISTS
    content = content_of_people(read_people_file(file, 1_000_000).keys) if people else content_of(kind, file)
    hub.bundles().publish(kind, content)


def test_what_is_published_counts_at_the_door_and_a_list_is_on_no_card(tmp_path: Path) -> None:
    hub_folder = HubFolder.create(tmp_path / "hub", SystemClock())
    document = hub_folder.add_gate("Cổng A")
    publish(hub_folder, BundleKind.POLICY, "version: cards-1\nvalid_from: 2021-10-07\naccept: [insurance-card]\n")
    with HubProcess(hub_folder.path) as hub:
        site = FROM_HUB.format(url=hub.url)
        with running(tmp_path, site, enrolled=False) as gate:
            enrolment.write(gate.store / "enrolment.json", document)
            assert answered(gate, for_reason(Reason.KIND_NOT_ACCEPTED, "cards-1"))
            publish(hub_folder, BundleKind.WATCH_LIST, f"citizen_number\n{NUMBER}\n")
            publish(
                hub_folder,
                BundleKind.POLICY,
                "version: watch-2\nvalid_from: 2021-10-07\nrepeat_window: 0s\nwatch_list: {}\n",
            )
            assert answered(gate, for_reason(Reason.ON_WATCH_LIST, "watch-2"))
            told = ask(gate.store, "status")
        assert isinstance(told, dict)
        kinds = {one["kind"]: one["version"] for one in told["bundles"]["kinds"]}
        assert set(kinds) == {"sealing-keys", "policy", "watch-list"}
        assert None not in kinds.values()
        content = hub_folder.path.joinpath("bundles", "watch-list.bundle").read_bytes()[-40:]
        for file in (path for path in gate.store.rglob("*") if path.is_file()):
            assert content[8:40] not in file.read_bytes()
            assert content[32:] not in file.read_bytes()
        hub.stop()
        with running(tmp_path, site, enrolled=False) as gate:
            assert answered(gate, for_reason(Reason.NO_LIST, "watch-2"))
            hub.start()
            assert answered(gate, for_reason(Reason.ON_WATCH_LIST, "watch-2"))


POSTERS = {
    "an enrolment code": b"GATE-SCAN-NERE-XAMPN",
    "a policy": b"version: theirs-1\nvalid_from: 2021-01-01\naccept: [citizen-number]\n",
    "an enrolment": b'{"document": "gate-enrolment/2", "device": "gate-2", "device_key": "AA==", "ca": ""}',
    "an unsigned bundle": bundle_bytes(BundleKind.POLICY, 9, b"version: theirs-1\n")[:74].replace(b"GATE", b"Gate"),
    "a bundle": bundle_bytes(BundleKind.POLICY, 9, b"version: theirs-1\n"),
    "an address of a hub": b"https://hub.example.vn/v1/bundles",
}


@pytest.mark.parametrize("poster", POSTERS.values(), ids=POSTERS)
def test_a_poster_that_would_provision_the_gate_is_counted_as_a_wrong_code_and_changes_nothing(
    poster: bytes,
) -> None:
    stage = Stage(seen(poster) + GONE + seen(CARD), policy=Policy("own-1")).run()
    assert [answer.cue for answer in stage.answers] == [Cue.NOT_OURS, Cue.GRANTED]
    assert stage.answers[0].reason in {Reason.UNKNOWN_CODE, Reason.WEB_LINK}
    assert len(stage.ledger.rows) == 1
    assert stage.ledger.rows[0].decision.policy_version == "own-1"
    not_ours = stage.gate.health.snapshot()["not_ours"]
    assert isinstance(not_ours, dict)
    assert sum(not_ours.values()) == 1
