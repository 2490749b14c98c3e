"""``POST /v1/state`` over HTTP: only a gate's own report, within bounds; the gate's client understands the answer."""

from __future__ import annotations

from dataclasses import replace

import requests

from device.clock import SystemClock
from device.enrolment.document import is_revocation
from device.hub.api.rate_limit import MOST_REPORTS_A_MINUTE
from device.model import HOUR_MS, HourCounts
from device.uplink.bundles import BundleClient
from device.wire import state
from device.wire.state_records import StateAnswer
from tests.support.databases import both_databases
from tests.support.gate_states import QUIET
from tests.support.running_hub import RunningHub

pytestmark = both_databases
PLAIN = {"Content-Encoding": "identity"}


def report(hub: RunningHub, body: bytes) -> requests.Response:
    return hub.post(body, PLAIN, path=state.PATH)


def this_hour(back: int = 0) -> HourCounts:
    return HourCounts(SystemClock().reading().wall_ms // HOUR_MS - back, (3, 0, 0, 0, 0, 0, 4))


def test_our_own_client_reports_and_hears_which_hours_are_counted(hub: RunningHub) -> None:
    client = BundleClient(hub.url, hub.gate, SystemClock())
    hours = [this_hour(1000), this_hour()]
    answer = client.report(state.encode_state(replace(QUIET, troubles=("hot",)), hours))
    client.close()
    assert answer == StateAnswer(frozenset({hours[1].hour}), frozenset({hours[0].hour}))
    (standing,) = hub.store.standings()
    assert (standing.troubles, standing.version) == (("hot",), "0.1.0")


def test_a_report_of_nobody_or_of_a_stranger_is_refused(hub: RunningHub) -> None:
    body = state.encode_state(QUIET, [])
    assert requests.post(hub.url + state.PATH, data=body, timeout=20).status_code == 401
    assert hub.post(body, {**PLAIN, "Signature": f"gate=:{'A' * 86}==:"}, path=state.PATH).status_code == 401
    assert hub.store.standings()[0].reported_ms is None


def test_what_is_too_large_breaks_the_contract_or_is_of_another_version_is_told_so(hub: RunningHub) -> None:
    whole = state.encode_state(QUIET, [])
    for body, status in (
        (b" " * (state.BODY_MOST_BYTES + 1), 413),
        (b" " * state.BODY_MOST_BYTES, 422),
        (whole.replace(b"gate/1", b"gate/2"), 409),
        (whole.replace(b'"unplaced":0', b'"unplaced":-1'), 422),
        (whole.replace(b'"unplaced":0', b'"name":"x"'), 422),
    ):
        assert report(hub, body).status_code == status
    assert hub.store.standings()[0].reported_ms is None


def test_a_gate_that_reports_too_often_waits(hub: RunningHub) -> None:
    body = state.encode_state(QUIET, [])
    assert [report(hub, body).status_code for _ in range(MOST_REPORTS_A_MINUTE)] == [200] * MOST_REPORTS_A_MINUTE
    late = report(hub, body)
    assert late.status_code == 429
    assert 1 <= int(late.headers["Retry-After"]) <= 60


def test_a_revoked_gate_is_told_so_and_nothing_is_kept(hub: RunningHub) -> None:
    hub.folder.revoke(hub.store, hub.gate.device_id, hub.gate.key.public)
    answer = report(hub, state.encode_state(QUIET, [this_hour()]))
    assert answer.status_code == 403
    assert is_revocation(hub.gate, answer.content, [hub.gate.bundle_root])
    assert hub.store.standings()[0].reported_ms is None
