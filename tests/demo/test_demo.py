"""The demo itself, as a stranger runs it: real hub, real gate, rendered visitors, and an honest ending."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image

from device.credential import recognise
from device.demo import show
from device.demo.scenes.walk import Flaw
from device.demo.screen import JsonScreen, PlainScreen, table
from device.demo.verification import Totals, VisitOutcome
from device.demo.video import windows
from device.demo.visitors import Role, script
from device.gate.registrar import Answer
from device.model import CodeKind, Credential, Cue, Output
from device.policy import cue_for
from device.words import Language, speaking
from tests.support.terminal import on_terminal


def demo(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run(
        [sys.executable, "-m", "device", "demo", "--json", *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    code, events = demo("--seed", "7")
    assert code == 0
    return events


def named(events: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == name]


def test_every_visitor_got_what_the_script_says(events: list[dict[str, Any]]) -> None:
    results = named(events, "result")
    assert len(results) == len(script(7))
    assert [result["faults"] for result in results] == [[]] * len(results)


def test_shown_recorded_and_delivered_agree(events: list[dict[str, Any]]) -> None:
    (end,) = named(events, "end")
    expected = sum(role.kind is not None for role in script(7))
    assert (end["shown"], end["recorded"], end["delivered"]) == (expected,) * 3
    assert end["passages"] == expected - 1  # the first visitor came twice
    assert end["agrees"] is True


def test_the_queue_grew_while_the_network_was_away_and_drained_when_it_was_back(events: list[dict[str, Any]]) -> None:
    away, back = (events.index(event) for event in named(events, "network"))
    waiting = [event["waiting"] for event in events[away:back] if event["event"] == "queue"]
    assert waiting == sorted(waiting)
    assert waiting[-1] >= 3
    assert named(events, "queue")[-1]["waiting"] == 0


def test_the_lamps_are_told_as_they_change(events: list[dict[str, Any]]) -> None:
    lit = [set(event["lit"]) for event in named(events, "lamps")]
    assert lit.count({"green", "buzzer"}) == sum(role.cue is Cue.GRANTED for role in script(7))
    assert lit[-1] == set()


def test_no_payload_and_no_name_is_ever_told(events: list[dict[str, Any]]) -> None:
    told = json.dumps(events)
    for role in script(7):
        claim = recognise(role.payload)
        assert role.payload.decode() not in told
        if isinstance(claim, Credential):
            assert str(claim.person.name) not in told
            assert str(claim.person.citizen_number) not in told


def test_own_photos_are_held_up_and_each_is_reported(tmp_path: Path) -> None:
    card = "051090001234||Nguyễn Văn Thử|05031990|Nam|Tổ 3, Nghĩa Lộ|15042021"
    segno.make(card, micro=False, encoding="utf-8", eci=False).save(str(tmp_path / "card.png"), scale=5, border=6)
    segno.make("https://thuc-don.example", micro=False).save(str(tmp_path / "menu.png"), scale=5, border=6)
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 torn")
    code, told = demo("--images", str(tmp_path))
    assert code == 0
    by_image = {event["image"]: event for event in named(told, "answer")}
    assert by_image["card.png"]["row"] == 1
    assert by_image["menu.png"]["reason"] == "web-link"
    assert by_image["torn.jpg"]["cue"] is None
    assert by_image["torn.jpg"]["why"] == "'torn.jpg' cannot be read as a picture"
    (photos,) = named(told, "photos")
    assert (photos["photos"], photos["read"]) == (3, 2)


@pytest.mark.parametrize("folder", ["", "missing"])
def test_a_folder_without_photos_is_one_clear_line_and_exit_2(tmp_path: Path, folder: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "device", "demo", "--images", str(tmp_path / folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"--images {tmp_path / folder}: ")
    assert done.stderr.count("\n") == 1


def test_a_folder_of_broken_pictures_ends_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8 torn")
    done = subprocess.run(
        [sys.executable, "-m", "device", "demo", "--images", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = f"--images {tmp_path}: 'a.jpg' cannot be read as a picture\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "device", "demo", "--images", str(tmp_path / "notes.txt")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = f"--images {tmp_path / 'notes.txt'}: 'notes.txt' cannot be read as a picture\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_a_demo_in_which_nothing_was_read_says_so_and_fails(tmp_path: Path) -> None:
    Image.new("L", (200, 200), 255).save(tmp_path / "wall.png")
    done = subprocess.run(
        [sys.executable, "-m", "device", "demo", "--images", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "1. wall.png\n   no code was seen\n\n0 of 1 photos were read\n" in done.stdout
    assert "Everything agrees." not in done.stdout
    assert "None" not in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Nothing was read. Photograph it from nearer")
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_demo_speaks_vietnamese_and_its_json_english(tmp_path: Path) -> None:
    Image.new("L", (200, 200), 255).save(tmp_path / "wall.png")
    words = [sys.executable, "-m", "device", "demo", "--lang", "vi", "--images", str(tmp_path)]
    told, machine = (
        subprocess.run([*words, *more], capture_output=True, text=True, timeout=60, check=False).stdout
        for more in ([], ["--json"])
    )
    assert "1. wall.png\n   không thấy mã nào\n\nđọc được 0 trên 1 ảnh\n" in told
    assert told.endswith("\nKhông đọc được gì. Hãy chụp gần hơn: thẳng, rõ nét, thấy cả viền trắng.\n")
    (answer,) = named([json.loads(line) for line in machine.splitlines()], "answer")
    assert answer["why"] == "no code was seen"


def outcome(role: Role, *faults: str) -> VisitOutcome:
    return VisitOutcome(role, (Answer(role.cue, role.reason, lamp_ms=250),), (), (), faults)


@pytest.mark.parametrize(
    ("language", "last"),
    [
        (Language.ENGLISH, "ok  99. first visitor again, on paper  granted: repeat "),
        (Language.VIETNAMESE, "ok  99. khách đầu lần nữa, trên giấy "),
    ],
)
def test_the_table_at_the_end_fits_a_terminal_of_80(language: Language, last: str) -> None:
    page = Page()
    roles = [role for seed in range(11) for role in script(seed)]
    with speaking(language):
        show.tell_results(PlainScreen(page), [outcome(role) for role in roles])  # type: ignore[arg-type]
    lines = page.text.splitlines()
    assert len(lines) == len(roles) + 3
    assert max(map(len, lines)) <= 80
    assert lines[-1].startswith(last)


def test_what_differs_from_the_script_stands_below_the_table_whole() -> None:
    page = Page()
    role = script(1)[2]
    show.tell_results(PlainScreen(page), [outcome(role, "the green pin says otherwise")])  # type: ignore[arg-type]
    assert "\nNO  1. venue poster by mistake  not-ours: venue-poster  250 " in page.text
    told = "NO  1. expected not-ours: venue-poster: the green pin says otherwise\n"
    assert page.text.endswith(told)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_demo_that_is_ended_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "device", "demo", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        demo.stdout.readline()  # the gate runs
        demo.send_signal(number)
        demo.stdout.read()
        assert "Traceback" not in demo.stderr.read()
        assert demo.wait(60) == 130
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_ends_the_demo_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "device", "demo", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        demo.stdout.readline()
        demo.stdout.close()
        assert demo.stderr.read() == ""
        assert demo.wait(60) == 1


def test_a_terminal_without_utf_8_gets_every_line(tmp_path: Path) -> None:
    segno.make("x", micro=False).save(str(tmp_path / "ảnh.png"), scale=5)
    done = subprocess.run(
        [sys.executable, "-m", "device", "demo", "--images", str(tmp_path)],
        capture_output=True,
        timeout=60,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"1 of 1 photos were read" in done.stdout


def test_the_script_shows_all_that_was_promised() -> None:
    roles = script(3)
    kinds = {recognise(role.payload).kind for role in roles if role.flaw is None}
    assert kinds == {
        CodeKind.NATIONAL_CODE,
        CodeKind.CITIZEN_CARD,
        CodeKind.INSURANCE_CARD,
        CodeKind.VENUE,
        CodeKind.WIFI,
    }
    assert any(role.flaw is Flaw.WORN for role in roles)
    assert any(role.steady == 45 for role in roles)
    assert {role.network for role in roles} == {"", "away", "back"}
    shown = windows(roles)
    assert all(first < end for first, end in shown)
    assert [end for _, end in shown[:-1]] == [first for first, _ in shown[1:]]


def test_what_the_script_expects_is_what_the_table_of_cues_says() -> None:
    for role in script(1):
        claim = recognise(role.payload)
        if role.flaw is None and not isinstance(claim, Credential):
            assert cue_for(claim.reason) is role.cue


def test_totals_that_differ_do_not_agree() -> None:
    good = Totals(shown=6, recorded=6, delivered=6, passages=5, passages_delivered=5)
    assert good.agree
    for field in ("shown", "recorded", "delivered", "passages", "passages_delivered"):
        assert not replace(good, **{field: 4}).agree


class Page:
    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


SHOW = """
from device.demo.screen import choose
from device.model import Output
screen = choose(as_json=False)
screen.progress("drawing", 8, 16)
screen.progress("drawing", 16, 16)
screen.event("answer", "[red]hello[/red] " + "a word " * 20)
screen.lamps(5, frozenset({Output.GREEN}))
screen.table("ending", [("", "visitor", "happened"), ("ok", "1. [bold]", "granted (all-rules-passed) " * 9)])
screen.lamps(6, frozenset())
screen.close()
"""
CONTROL = re.compile("\x1b\\[[0-9;?]*[A-Za-z]|\r")


def test_plain_lines_carry_no_control_codes() -> None:
    page = Page()
    screen = PlainScreen(page)  # type: ignore[arg-type]
    screen.progress("drawing", 8, 16)
    screen.event("answer", "hello")
    screen.lamps(5, frozenset({Output.GREEN}))
    screen.table("ending", [("a", "bb"), ("ccc", "d")])
    assert page.text == "hello\n\na    bb\n---  --\nccc  d\n"


@pytest.mark.parametrize("width", [40, 120])
def test_a_terminal_gets_live_lamps_and_nothing_wider_than_itself(width: int) -> None:
    lines = on_terminal(["-c", SHOW], width)
    told = [CONTROL.sub("", line) for line in lines]
    assert max(map(len, told)) <= width
    assert any("\x1b[1;32m● green" in line for line in lines)
    assert any("drawing" in line and "50 %" in line for line in told)
    assert any(line.startswith("[red]hello[/red] a word") for line in told)
    assert any(line.split()[:3] == ["ok", "1.", "[bold]"] for line in told)
    assert "".join(told).count("granted") == 9
    assert 0 <= "".join(lines).find("\x1b[?25l") < "".join(lines).rfind("\x1b[?25h"), "the cursor is shown again"


def test_lamps_are_told_apart_without_colours() -> None:
    told = "\n".join(on_terminal(["-c", SHOW], 80, NO_COLOR="1"))
    assert "32m" not in told
    assert "● green" in CONTROL.sub("", told)
    assert "○ red" in CONTROL.sub("", told)


def test_json_is_one_object_a_line_in_plain_ascii() -> None:
    page = Page()
    screen = JsonScreen(page)  # type: ignore[arg-type]
    screen.event("answer", "text for people", image="ảnh\x1b.png")
    screen.lamps(5, frozenset({Output.RED}))
    assert page.text.isascii()
    assert [json.loads(line)["event"] for line in page.text.splitlines()] == ["answer", "lamps"]


def test_tables_line_up() -> None:
    assert table([("a", "bb"), ("ccc", "d")]).splitlines() == ["a    bb", "---  --", "ccc  d"]
