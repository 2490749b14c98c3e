"""Text or file → `Site`, or every mistake at once, word for word."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import Complaint, Complaints
from device.model import CREDENTIAL_KINDS, Beat, Cue, Direction, Outcome, Output, Pattern, Place
from device.policy.rules import ACCEPTED_UNNAMED
from device.settings.keys import fields
from device.settings.load import load, parse
from device.settings.schema import Site
from device.settings.values import alternatives

GOLDEN = Path(__file__).parents[1] / "golden" / "complaints"
PLACE = "place: {name: Chợ Hoa, province: Huế}\n"
LEAST = PLACE + "pins: {green: 17, red: 27}\n"
COLON = "a colon cannot stand here; check the indentation, the colon of the line above, or put quotes around the text"


def complained(text: str) -> list[str]:
    with pytest.raises(Complaints) as caught:
        parse(text)
    return [f"{c.line}:{c.column} {c.key}: {c.message}" for c in caught.value.complaints]


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


def test_a_cue_of_ones_own_becomes_a_pattern_and_resting_cues_repeat() -> None:
    text = "cues: {granted: [{lines: [green], for: 1.5s}], fault: [{lines: [red], for: 1s}, {lines: [], for: 20ms}]}"
    assert parse(LEAST + text).patterns == {
        Cue.GRANTED: Pattern((Beat(frozenset({Output.GREEN}), 1_500),)),
        Cue.FAULT: Pattern((Beat(frozenset({Output.RED}), 1_000), Beat(frozenset(), 20)), repeats=True),
    }


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


def test_a_secret_is_never_repeated_in_a_complaint() -> None:
    for url in ("https://gate:s3cret@hub.example.vn", "s3cret", "https://s3cret:s3cret", "http://[s3cret"):
        assert "s3cret" not in "".join(complained(LEAST + f"hub: {{url: '{url}', code: s3cret, deadline: 1}}"))
    assert "(got '1')" in "".join(complained(LEAST + "hub: {url: 's3cret', deadline: 1}"))


def test_nothing_is_said_about_a_value_that_an_alias_stood_for() -> None:
    assert complained("place: &p {name: A, province: B}\npins: *p\n") == [
        "1:8 place: remove the anchor &p; aliases are not used here",
        "2:7 pins: write the value out instead of the alias *p",
    ]


@pytest.mark.parametrize("path", [r"C:\Users\anh", r"D:\xem", r"E:\photos"])
def test_a_windows_path_in_double_quotes_is_told_what_its_backslash_means(path: str) -> None:
    (told,) = complained(f'camera: {{source: replay, replay: {{path: "{path}"}}}}')
    assert told.endswith("syntax: a backslash means something in double quotes; use single quotes")


def test_a_pin_used_twice_is_told_even_when_much_else_is_wrong() -> None:
    found = complained("pins: {green: 17, red: 017, amber: {pin: 17, x: 1}, buzzer: '17', chip: 17, nothing: 17}")
    assert [line for line in found if "also used by" in line] == [
        "1:15 pins.green: pin 17 is also used by pins.amber (line 1) and pins.buzzer (line 1)",
        "1:42 pins.amber.pin: pin 17 is also used by pins.green (line 1) and pins.buzzer (line 1)",
        "1:61 pins.buzzer: pin 17 is also used by pins.green (line 1) and pins.amber (line 1)",
    ]


def test_a_cue_that_copies_a_built_in_one_is_refused() -> None:
    built_in_ready = "[{lines: [red, amber], for: 60ms}, {lines: [], for: 2940ms}]"
    found = complained(PLACE + "pins: {green: 17, red: 27, amber: 24}\ncues: {fault: " + built_in_ready + "}")
    assert found == ["3:15 cues.fault: looks the same as ready; nobody could tell them apart"]


@pytest.mark.parametrize(
    "starting",
    [
        "[{lines: [red, amber], for: 130ms}, {lines: [red], for: 370ms}, {lines: [], for: 500ms}]",
        "[{lines: [red], for: 560ms}, {lines: [amber], for: 440ms}]",
    ],
)
def test_cues_are_compared_as_people_see_them(starting: str) -> None:
    pins = "pins: {green: 17, red: 27}\n"
    fault = "[{lines: [red], for: 500ms}, {lines: [], for: 500ms}]"
    found = complained(f"{PLACE}{pins}cues: {{starting: {starting}, fault: {fault}}}")
    alike = [line for line in found if "looks the same as" in line]
    assert [line.split(" looks the same as ")[1] for line in alike] == [
        "fault; nobody could tell them apart",
        "starting; nobody could tell them apart",
    ]


def test_cues_that_differ_by_a_tenth_of_a_second_are_told_apart() -> None:
    one, other = (f"[{{lines: [red], for: {span}}}, {{lines: [], for: 1s}}]" for span in ("1s", "1100ms"))
    found = complained(f"{PLACE}pins: {{green: 17, red: 27}}\ncues: {{denied: {one}, fault: {other}, x: 1}}")
    assert not [line for line in found if "looks the same" in line]


@pytest.mark.parametrize("button", ["manual_button", "out_switch", "passage"])
@pytest.mark.parametrize("pin", [2, 3])
def test_a_button_to_the_supply_cannot_be_on_a_pin_with_a_fixed_pull_up(button: str, pin: int) -> None:
    text = f"{PLACE}pins: {{green: 17, red: 27, {button}: {{pin: {pin}, pull_up: false}}}}"
    (told,) = complained(text)
    assert f"pins.{button}.pull_up: this pin has a fixed pull-up" in told
    parse(text.replace("false", "true"))
    parse(text.replace(f"pin: {pin}", "pin: 5"))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("camera: {silent_after: 1 s}", "camera.silent_after: write 1s"),
        ("camera: {silent_after: '1,5s'}", "camera.silent_after: write 1.5s, without a blank and with a point"),
        ("camera: {silent_after: 2 S}", "camera.silent_after: write 2s"),
        ("store: {max_size: 700 MB}", "store.max_size: write 700MB"),
        ("store: {max_size: 700mb}", "store.max_size: write 700MB"),
        ("store: {keep_delivered: 30 D}", "store.keep_delivered: write 30d"),
        ("camera: {picamera2: {focus_distance: 20 CM}}", "camera.picamera2.focus_distance: write 20cm"),
    ],
)
def test_what_was_meant_by_a_measure_is_told(line: str, told: str) -> None:
    (said,) = complained(f"{LEAST}{line}\n")
    assert f"{told} (got " in said


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://hub.example.vn:99999", "write a port from 1 to 65535 after the colon"),
        ("HTTPS://hub.example.vn", "write https:// in small letters"),
        ("https://trạm.vn", "write the name in its ASCII form: xn--trm-tgz.vn"),
        ("https://192.168.1.300:8400", "no such address: four numbers from 0 to 255, like 192.168.1.30"),
        ("https://192.168.1", "no such address: four numbers from 0 to 255, like 192.168.1.30"),
        ("https://192.168.001.030", "no such address: four numbers from 0 to 255, like 192.168.1.30"),
        ("https://0xC0A8011E", "no such address: four numbers from 0 to 255, like 192.168.1.30"),
        ("https://fd00::1", "write an IPv6 address in brackets, like https://[fd00::1]:8400"),
        ("https://hub.vidu.vn (văn phòng)", "write an address like https://hub.example.vn:8400"),
        ("https://hub..vn", "write an address like https://hub.example.vn:8400"),
        ("https://hub.vn:", "write scheme, host, port and path, nothing else (no name or password)"),
    ],
)
def test_what_is_wrong_with_an_address_is_told(url: str, told: str) -> None:
    assert complained(f"{LEAST}hub: {{url: '{url}'}}\n") == [f"3:12 hub.url: {told}"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{PLACE}pins:\n  green: 17\n  red:27\n  buzzer: 22\n", "4:6 syntax: write a blank behind the colon"),
        (f"{PLACE}pins:\n  green = 17\n  red: 27\n", "3:8 syntax: write a colon and a blank, not ="),
        (
            "place: {name: 'Trường K'Brếp', province: B}\n",
            "1:25 syntax: a quote ends before this, and text follows; put the other kind of quotes round the whole",
        ),
        (
            "place:\n  name： A\n\u00a0 province: B\n",
            "2:7 syntax: write a plain colon (:) instead of U+FF1A (fullwidth colon)",
        ),
        ("place:\n  name:Chợ Hoa\n  province:Huế\n", "2:3 place: write a blank behind the colon"),
        (f"{PLACE}pins:\n  green = 17\n  red = 27\n", "3:3 pins: write a colon and a blank, not ="),
        (f"{PLACE}pins:\n  - green: 17\n", "3:3 pins: write its keys on the lines below, indented, without dashes"),
        (
            "place: {name: A, province: B}}\n",
            "1:30 syntax: a value is missing here, or a bracket, brace or comma is too many",
        ),
        (
            'place: {name: "Chợ\u00a0Hoa", province: B}\n',
            "1:15 place.name: write a plain space instead of U+00A0 (no-break space)",
        ),
        ("place:\n  name:\tA\n", "2:8 syntax: write a blank instead of the tab here"),
        (
            "place:\n  name: [A] Chợ\n",
            "2:13 syntax: a bracket ends before this, and text follows; put quotes around the whole text",
        ),
        ("place: {name: |\n  A\n  B}\n", "1:15 syntax: put quotes around a text that begins with this character"),
        ("place:\n  name: |\n    A\n  province: B\n", "2:9 place.name: write the text on one line"),
        (
            "place:\n  name: A\n# kind\nkind: school\n\n  province: B\n",
            "4:1 syntax: indent this line by 2, like the one below it",
        ),
        (
            f"{PLACE}pins:\ngreen: 17\n    red: 27\n",
            "3:1 syntax: indent this line by 4, like the one below it",
        ),
        (
            "place:\n  name: A\n    province: B\n",
            "3:5 syntax: indent this line by 2, like the one above it",
        ),
        (
            "place:\n  kind: shop\n  name: A\n      province: B\n",
            "4:7 syntax: indent this line by 2, like the one above it",
        ),
        ("place\n  name: A\n", "1:1 syntax: write a colon behind this key"),
        ("place\nname: A\n", "1:1 syntax: write a colon behind this key"),
        (f"{LEAST}hub: https://hub.vn:8400\n", "3:6 hub: write the address on the line below, indented, behind url:"),
        (f"{PLACE}pins: {{green: 17, red: 27, door: 23}}\n", "2:28 pins.door: unknown key; did you mean relay?"),
        ("place:\n  name: A: B\n", f"2:10 syntax: {COLON}"),
    ],
)
def test_a_slip_of_the_pen_is_told_where_it_is(text: str, told: str) -> None:
    assert told in complained(text)


def test_keys_that_are_glued_in_braces_or_stand_at_the_top_are_told_what_they_are() -> None:
    glued = complained(f"{PLACE}pins: {{green:17, red:27}}\n")
    assert [line.split(": ")[0] for line in glued if "behind" in line] == ["2:8 pins.green:17", "2:18 pins.red:27"]
    (told,) = (line for line in complained(f"{PLACE}green: 17\n") if line.startswith("2:"))
    assert told == "2:1 green: unknown key; check the indentation (green belongs under pins)"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Place: {Name: A, province: B}\npins: {gren: 17, red: 27}\n",
            ["1:1 Place: unknown key; did you mean place?", "2:8 pins.gren: unknown key; did you mean green?"],
        ),
        (
            "Place: {name: A}\npins: {green: 17, red: 27}\n",
            [
                "1:1 Place: unknown key; did you mean place?",
                "1:1 place.province: missing; write it, like province: Hải Phòng",
            ],
        ),
        (
            f"{PLACE}pins:\ngreen: 17\nred: 27\n",
            [
                "3:1 green: unknown key; check the indentation (green belongs under pins)",
                "4:1 red: unknown key; check the indentation (red belongs under pins)",
            ],
        ),
        (
            "nơi: {tên: A, Tỉnh: B}\npins: {xanh: 17, red: 27}\n",
            [
                "1:1 nơi: unknown key; did you mean place?",
                "1:1 place.name: missing; write it, like name: Trường THPT Hoa Phượng",
                "1:1 place.province: missing; write it, like province: Hải Phòng",
                "2:8 pins.xanh: unknown key; did you mean green?",
            ],
        ),
        (
            "place.name: A\nplace.province: B\npins: {green: 17, red: 27}\n",
            [
                "1:1 place.name: write place: on a line of its own, and name: below it, indented",
                "2:1 place.province: write place: on a line of its own, and province: below it, indented",
            ],
        ),
        (
            f"{PLACE}pins:\nfavourite: 17\n",
            [
                "2:6 pins: empty; write its keys on the lines below, indented",
                f"3:1 favourite: unknown key; check the indentation, or use one of {', '.join(fields(Site))}",
            ],
        ),
    ],
    ids=range(6),
)
def test_what_is_misspelt_or_stands_at_the_margin_is_not_called_missing_too(text: str, told: list[str]) -> None:
    assert complained(text) == told


@pytest.mark.parametrize(
    "config",
    [
        "[{lines: [red], for: 1s}, {lines: [], for: 1s}]",
        "[{lines: [], for: 1s}, {lines: [red], for: 1s}]",
        "[{lines: [red], for: 500ms}, {lines: [], for: 1s}, {lines: [red], for: 500ms}]",
        "[{lines: [red], for: 1s}, {lines: [], for: 1s}, {lines: [red], for: 1050ms}, {lines: [], for: 970ms}]",
        "[{lines: [red, buzzer], for: 1s}, {lines: [], for: 1s}]",
    ],
)
def test_what_repeats_is_compared_without_its_beginning_and_without_the_buzzer(config: str) -> None:
    pins = f"{PLACE}pins: {{green: 17, red: 27, buzzer: 22}}\n"
    fault = "fault: [{lines: [red], for: 1s}, {lines: [], for: 1s}]"
    assert len(complained(f"{pins}cues:\n  {fault}\n  config: {config}\n")) == 2
    parse(f"{pins}cues:\n  {fault}\n  config: {config.replace('1s', '2s')}\n")


@pytest.mark.parametrize("cue", [cue for cue in Cue if cue is not Cue.GRANTED])
def test_no_cue_but_granted_may_light_green_or_hold_the_relay(cue: Cue) -> None:
    for line in ("green", "relay"):
        text = f"{PLACE}pins: {{green: 17, red: 27, relay: 4}}\ncues: {{{cue}: [{{lines: [red, {line}], for: 1s}}]}}"
        assert [f"only granted may use {line}" in said for said in complained(text)] == [True]


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


def test_an_endless_file_is_read_only_to_the_limit() -> None:
    with pytest.raises(Complaints, match="larger than 256 KiB"):
        load(Path("/dev/zero"))


def judged(text: str) -> None:
    """Anything but a site or complaints in printable lines is a failure."""
    found: tuple[Complaint, ...] | None = None
    try:
        parse(text)
    except Complaints as complaints:
        found = complaints.complaints
    assert found is None or found
    assert all(str(complaint).isprintable() for complaint in found or ())


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.text())
def test_any_text_ends_in_a_site_or_in_complaints(text: str) -> None:
    judged(text)


PIECES = [
    *(
        "a",
        "pins",
        "green",
        ":",
        " ",
        "\n",
        "\n  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&a",
        "*a",
        "!!str ",
        "!",
        "<<",
        "? ",
    ),
    *("'", '"', "\\U", "\\x", "FFFFFFFF", "\\ud800", "%YAML 1.", "%TAG ! a", "---", "...", "|", "|9", ">", "#", "\t"),
    *("0", "17", "~", "\r", "@", "`", "é", "place: {name: x, province: y}\n", "pins: {green: 1, red: 2}\n"),
    *("cues:\n  granted:", "camera:\n  source: replay\n"),
]


@settings(max_examples=600, deadline=None, database=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_heap_of_yaml_pieces_ends_in_a_site_or_in_complaints(text: str) -> None:
    judged(text)


TREES = st.recursive(
    st.sampled_from(["17", "27", "1s", "none", "~", "''", "true", "[]", "{}", "red", "replay", "1296x972"]),
    lambda below: (
        st.lists(below, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(
            st.sampled_from(
                ["place", "pins", "green", "red", "cues", "granted", "fault", "lines", "for", "camera", "replay"]
            ),
            below,
            max_size=4,
        ).map(lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}")
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(st.dictionaries(st.sampled_from(["place", "pins", "cues", "camera", "policy", "hub"]), TREES, max_size=5))
def test_any_tree_under_known_keys_ends_in_a_site_or_in_complaints(trees: dict[str, str]) -> None:
    judged("".join(f"{key}: {tree}\n" for key, tree in trees.items()))


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
