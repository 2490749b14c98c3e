"""Slips of the pen in a site file: each is told where it is, with what was meant, and repeats no secret."""

from __future__ import annotations

import pytest

from device.settings.keys import fields
from device.settings.load import parse
from device.settings.schema import Site
from tests.settings.complaining import COLON, LEAST, PLACE, complained


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
