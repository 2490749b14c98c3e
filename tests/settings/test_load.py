"""Text or file → `Site`, or every mistake at once, word for word."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from device.errors import Complaints
from device.model import CREDENTIAL_KINDS, Direction, Outcome, Output, Place
from device.policy.rules import ACCEPTED_UNNAMED
from device.settings.load import load, parse
from device.settings.values import alternatives
from tests.settings.complaining import LEAST, PLACE, complained

GOLDEN = Path(__file__).parents[1] / "golden" / "complaints"


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.yaml")))
def test_complaints_read_word_for_word_as_agreed(name: str) -> None:
    with pytest.raises(Complaints) as caught:
        parse((GOLDEN / f"{name}.yaml").read_text("utf-8"))
    agreed = (GOLDEN / f"{name}.txt").read_text("utf-8").replace("EVERY-KIND", alternatives(CREDENTIAL_KINDS))
    assert "".join(f"{complaint}\n" for complaint in caught.value.complaints) == agreed


def test_the_least_a_site_needs_gives_defaults_in_the_units_of_the_code() -> None:
    site = parse(LEAST)
    assert site.place == Place("Chợ Hoa", "other", "Huế")
    assert site.direction is Direction.IN
    assert (site.camera.source, site.camera.size, site.camera.silent_after_ms) == ("picamera2", None, 3_000)
    assert (site.camera.picamera2.focus_distance_mm, site.camera.picamera2.anti_flicker_hz) == (200, 50)
    assert {line: output.pin for line, output in site.pins.outputs.items()} == {Output.GREEN: 17, Output.RED: 27}
    assert site.pins.green.active_high
    assert (site.presence.absence_ms, site.presence.still_after_ms) == (1_000, 60_000)
    assert (site.policy.weak_reading, site.policy.repeat_window_ms) == (Outcome.REFERRED, 120_000)
    assert site.policy.accept == ACCEPTED_UNNAMED
    assert site.store.folder == Path("/var/lib/gate-scanner")
    assert site.hub is None
    assert site.patterns == {}


def test_a_site_cannot_be_changed_after_it_was_checked() -> None:
    with pytest.raises(ValueError, match="frozen"):
        parse(LEAST).camera.frame_rate = 5


def test_quotes_make_no_difference() -> None:
    plain = parse(LEAST + "camera: {frame_rate: 5, size: 640x480}\nlog: {level: debug}\n")
    assert parse(LEAST + 'camera: {frame_rate: "5", size: "640x480"}\nlog: {level: \'debug\'}\n') == plain


def test_a_pin_may_be_a_number_or_a_section() -> None:
    short = parse(PLACE + "pins: {green: 17, red: 27, buzzer: 22, manual_button: 5}")
    long = parse(PLACE + "pins: {green: {pin: 17}, red: {pin: 27}, buzzer: {pin: 22}, manual_button: {pin: 5}}")
    assert short == long
    relay = parse(PLACE + "pins: {green: 17, red: 27, relay: {pin: 0, active_high: false}}").pins.relay
    assert relay is not None
    assert (relay.pin, relay.active_high) == (0, False)


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(LEAST + "camera: {source: replay, replay: {path: photos}}\nstore: {folder: /srv/gate}\n", "utf-8")
    site = load(file)
    assert site.camera.replay.path == tmp_path / "photos"
    assert site.store.folder == Path("/srv/gate")


def test_a_file_from_a_windows_editor_is_read(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml.txt"
    file.write_bytes(LEAST.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load(file) == parse(LEAST)


def test_names_typed_with_separate_marks_are_stored_in_one_form() -> None:
    assert parse(LEAST.replace("Huế", "Hue\u0302\u0301")).place.province == "Huế"


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://hub.example.vn", True),
        ("https://hub.example.vn:8443/gates/", True),
        ("http://127.0.0.1:8080", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:8080", True),
        ("http://localhost:1", True),
        ("http://hub.example.vn", False),
        ("http://localhost.example.vn", False),
        ("http://2130706433", False),
        ("http://127.1", False),
        ("http://127.0.0.1@hub.example.vn", False),
        ("http://127.0.0.1\\\\@hub.example.vn", False),
        ("https://hub.example.vn:99999", False),
        ("https://hub.example.vn:0", False),
        ("https://hub.example.vn/?a=b", False),
        ("https://hub.example.vn/#a", False),
        ("https://hub example.vn", False),
        ("https://", False),
        ("https:///path", False),
        ("https://[::1", False),
        ("ftp://hub.example.vn", False),
        ("hub.example.vn", False),
        ("HTTPS://hub.example.vn", False),
        ("https://hub.example.vn\\r\\nX: y", False),
    ],
)
def test_the_hub_has_an_https_address_or_is_this_machine(url: str, good: bool) -> None:  # noqa: FBT001 - a table
    text = LEAST + f'hub: {{url: "{url}"}}'
    if good:
        hub = parse(text).hub
        assert hub is not None
        assert hub.url == url.rstrip("/")
    else:
        assert [line.split(" ")[1] for line in complained(text)] == ["hub.url:"]


def test_a_pin_used_twice_is_told_even_when_much_else_is_wrong() -> None:
    found = complained("pins: {green: 17, red: 017, amber: {pin: 17, x: 1}, buzzer: '17', chip: 17, nothing: 17}")
    assert [line for line in found if "also used by" in line] == [
        "1:15 pins.green: pin 17 is also used by pins.amber (line 1) and pins.buzzer (line 1)",
        "1:42 pins.amber.pin: pin 17 is also used by pins.green (line 1) and pins.buzzer (line 1)",
        "1:61 pins.buzzer: pin 17 is also used by pins.green (line 1) and pins.amber (line 1)",
    ]


def test_mistakes_come_sorted_by_line_and_each_once() -> None:
    with pytest.raises(Complaints) as caught:
        parse((GOLDEN / "tone.yaml").read_text("utf-8"))
    places = [(c.line, c.column) for c in caught.value.complaints]
    assert places == sorted(places)
    assert len(set(caught.value.complaints)) == len(places)


def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    missing, odd = tmp_path / "missing.yaml", tmp_path / "odd.yaml"
    odd.write_bytes(b"a: \xff")
    for path, said in (
        (missing, f"{missing}:1:1: file: there is no such file"),
        (tmp_path, f"{tmp_path}:1:1: file: this is a folder; name the YAML file in it"),
        (odd, f"{odd}:1:4: file: not UTF-8 from here on; save the file as UTF-8"),
        (tmp_path / "a\0b", f"{tmp_path}/a\N{REPLACEMENT CHARACTER}b:1:1: file: cannot be read: not a file name"),
        (odd / "below", f"{odd}/below:1:1: file: cannot be read: {os.strerror(20)}"),
    ):
        with pytest.raises(Complaints) as caught:
            load(path)
        assert str(caught.value) == said


@pytest.mark.parametrize("way", ["out", "unknown"])
def test_a_switch_that_turns_the_direction_needs_a_gate_that_leads_in(way: str) -> None:
    pins = "pins: {green: 17, red: 27, out_switch: 6}"
    (told,) = complained(f"{PLACE}{pins}\ndirection: {way}")
    assert told.endswith("direction: write in: pins.out_switch turns it to out while it is on")
    switch = parse(f"{PLACE}{pins}\ndirection: in").pins.out_switch
    assert switch is not None
    assert (switch.pin, switch.pull_up) == (6, True)


def test_policy_and_trust_list_are_the_sites_unless_it_leaves_them_to_its_hub() -> None:
    assert parse(LEAST).policy.source == "site"
    found = parse(LEAST + "policy: {from: hub}\ntrust: {from: hub}\nhub: {url: 'https://hub.example.vn'}\n")
    assert found.trust is not None
    assert (found.policy.source, found.trust.source, found.trust.file) == ("hub", "hub", None)
    assert found.hub is not None
    assert found.hub.refresh_ms == 900_000


def test_what_comes_from_the_hub_has_no_file_and_needs_a_hub() -> None:
    assert complained(LEAST + "policy: {from: hub, file: a.yaml}\ntrust: {from: hub, file: b.json}\n") == [
        "3:16 policy.from: there is no hub; write a hub section, or from: site",
        "3:21 policy.file: from: hub takes it from the hub; remove one of the two",
        "4:15 trust.from: there is no hub; write a hub section, or from: site",
        "4:20 trust.file: from: hub takes it from the hub; remove one of the two",
    ]
    assert complained(LEAST + "trust: {from: site}\n") == [
        "3:1 trust.file: missing; write it, like file: trust.json, or from: hub"
    ]
    assert complained(LEAST + "trust: {}\n") == [
        "3:1 trust.file: missing; write it, like file: trust.json, or from: hub"
    ]
