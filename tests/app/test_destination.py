from __future__ import annotations

from pathlib import Path

import pytest

from device.app.destination import destination_of, files_of, webhook_of
from device.clock import SystemClock
from device.errors import ConfigurationError
from device.settings.load import parse
from device.settings.schema import Site
from device.uplink.hub import HubClient
from device.uplink.webhook import WebhookUplink
from device.uplink.webhook_keys import make
from tests.support.fake_enrolment import enrolled
from tests.support.site_files import SITE, SYNC


def site(folder: Path, text: str) -> Site:
    return parse(SITE + text, folder=folder)


def test_a_site_without_hub_and_webhook_sends_to_nobody(tmp_path: Path) -> None:
    assert destination_of(site(tmp_path, ""), enrolled(), SystemClock()) is None


def test_a_site_with_a_hub_sends_to_it_as_its_section_says(tmp_path: Path) -> None:
    written = 'hub: {url: "http://127.0.0.1:9", batch_rows: 70, interval: 9s}'
    centre = destination_of(site(tmp_path, written), enrolled(), SystemClock())
    assert centre is not None
    assert isinstance(centre.uplink, HubClient)
    assert (centre.most_rows, centre.interval_ms) == (70, 9_000)


def test_a_webhook_needs_the_key_that_the_gate_seals_to(tmp_path: Path) -> None:
    ours = site(tmp_path, SYNC)
    webhook = webhook_of(ours)
    assert webhook is not None
    ours.store.folder.mkdir(mode=0o700)
    made, _ = make(files_of(webhook), ours.store.folder)
    centre = destination_of(ours, made, SystemClock())
    assert centre is not None
    assert isinstance(centre.uplink, WebhookUplink)
    with pytest.raises(ConfigurationError, match=r"private_key_file: is not the key this gate seals to"):
        destination_of(ours, enrolled(), SystemClock())


def test_a_webhook_section_counts_only_when_the_kind_says_so(tmp_path: Path) -> None:
    assert webhook_of(site(tmp_path, SYNC.replace("kind: webhook", "kind: hub"))) is None
