"""The decoder's benchmark: what it counts, what it says, and that the product's promises hold in it."""

from __future__ import annotations

import argparse
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from device.decoder import still_reader, stream_reader
from device.decoder.engines import naive_pyzbar
from device.demo.scenes.people import corpus
from device.errors import ConfigurationError
from tests.bench.decode import add_arguments, run
from tests.bench.decode_measure import Read, Tally, Walks, in_turn, read_empty, read_shots, read_visits
from tests.bench.decode_photos import Photo, photos_in, read_photos
from tests.bench.decode_plot import draw
from tests.bench.decode_report import NAIVE, OURS, Figures, as_json, as_table
from tests.bench.decode_scenes import DARK_MODE, GATE_SIZE, KINDS, PHONE, SWEEP_PX, empty, shots, sweep, visits
from tests.bench.decode_texts import flat, memory_growth, read_texts
from tests.bench.progress import Progress

if TYPE_CHECKING:
    from device.model import Luma

GREY = np.full((8, 8), 90, np.uint8)


def nothing() -> None:
    pass


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


# -- what is counted -----------------------------------------------------------------------------


def test_a_picture_is_read_when_the_exact_payload_is_among_the_texts() -> None:
    tally = Tally()
    assert tally.judge([b"other", b"right"], b"right".__eq__)
    assert not tally.judge([b"Right"], b"right".__eq__)
    assert not tally.judge([], b"right".__eq__)
    assert (tally.pictures, tally.read, tally.wrong, tally.false) == (3, 1, 2, 0)


def test_any_text_of_a_picture_without_a_code_is_false() -> None:
    tally = Tally()
    assert not tally.judge([b"ghost"], None)
    assert (tally.read, tally.wrong, tally.false) == (0, 0, 1)


def test_decoders_read_each_picture_before_the_next_and_take_turns_at_being_first() -> None:
    order: list[str] = []

    def witness(name: str, _luma: Luma) -> list[bytes]:
        order.append(name)
        return [name.encode()]

    readers: dict[str, Read] = {name: partial(witness, name) for name in ("a", "b")}
    found = list(in_turn(readers, [GREY] * 3))
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert all(each["a"][0] == [b"a"] and each["b"][0] == [b"b"] for each in found)


def test_a_visit_counts_frames_until_the_exact_text_and_all_of_them_where_it_never_came() -> None:
    (visit,) = visits(1, 1)
    seen: list[int] = []

    def third(_luma: Luma) -> list[bytes]:
        seen.append(1)
        return [visit.approach.payload] if len(seen) == 3 else [b"wrong"] * (len(seen) == 2)

    walks = read_visits({"third": third, "never": lambda _luma: []}, [visit], nothing)
    assert (walks["third"].read, walks["third"].wrong, walks["third"].frames) == (1, 1, [3])
    assert (walks["never"].read, walks["never"].frames) == (0, [len(visit.approach)])


def test_the_run_in_of_a_still_picture_costs_no_time_but_its_false_readings_count() -> None:
    (tally,) = read_empty({"a": lambda _luma: [b"x"]}, [GREY] * 20, nothing, run_in=15).values()
    assert (tally.false, len(tally.cpu_ms)) == (20, 5)


# -- what is shown -------------------------------------------------------------------------------


def test_the_same_seed_shows_the_same_pictures_and_another_seed_others() -> None:
    one, same, other = (next(shots(seed, 1)) for seed in (1, 1, 2))
    assert np.array_equal(one.luma(), same.luma())
    assert one.scene.payload != other.scene.payload


def test_every_kind_has_its_pictures_and_dark_mode_shows_the_phones_again() -> None:
    found = list(shots(3, 2))
    assert [shot.kind for shot in found] == [kind for kind in KINDS for _ in range(2)]
    upright = [shot for shot in found if shot.kind == PHONE]
    dark = [shot for shot in found if shot.kind == DARK_MODE]
    for one, other in zip(upright, dark, strict=True):
        assert (one.scene.payload, one.scene.pose, one.scene.light) == (
            other.scene.payload,
            other.scene.pose,
            other.scene.light,
        )
        assert one.scene.carrier != other.scene.carrier


def test_the_sweep_grows_from_unreadable_to_comfortable() -> None:
    assert [shot.scene.pose.module_px for shot in sweep(1, 1)] == list(SWEEP_PX)
    assert (SWEEP_PX[0], SWEEP_PX[-1]) == (1.0, 4.0)


def test_an_empty_entrance_moves_or_stands_still() -> None:
    moving = list(islice(empty(1, 3, moving=True), 3))
    still = list(islice(empty(1, 3, moving=False), 3))
    assert moving[0].shape == (GATE_SIZE[1], GATE_SIZE[0])

    def change(planes: list[Luma]) -> float:
        return float(np.abs(planes[2].astype(int) - planes[0]).mean())

    assert change(moving) > 1.5 * change(still)
    assert not np.array_equal(still[0], still[1])  # the sensor's noise lives


# -- promises of the decoder ---------------------------------------------------------------------


def test_ours_reads_more_than_naive_and_never_a_wrong_text() -> None:
    kinds = read_shots({NAIVE: naive_pyzbar(), OURS: still_reader()}, list(shots(5, 1)), nothing)
    figures = Figures(5, kinds=kinds)
    everything = figures.all_kinds()
    assert everything[OURS].pictures == len(KINDS)
    assert everything[OURS].read > everything[NAIVE].read
    assert everything[OURS].wrong == 0


def test_visitors_are_read_by_the_gates_own_stream_sooner_than_by_naive_without_a_wrong_text() -> None:
    walks = read_visits({NAIVE: naive_pyzbar(), OURS: stream_reader()}, visits(1, 3), nothing)
    assert (walks[OURS].read, walks[OURS].wrong) == (3, 0)
    assert walks[OURS].mean_frames < walks[NAIVE].mean_frames


def test_an_empty_entrance_gives_no_reading() -> None:
    (tally,) = read_empty({OURS: stream_reader()}, empty(6, 12, moving=True), nothing).values()
    assert (tally.pictures, tally.false) == (12, 0)


def test_texts_are_exact_in_ours_and_not_in_naive() -> None:
    tallies = read_texts({NAIVE: naive_pyzbar(), OURS: still_reader()}, 60, 1, nothing)
    assert (tallies[OURS].read, tallies[OURS].wrong) == (60, 0)
    assert tallies[NAIVE].wrong > 0


def test_memory_is_measured_in_bytes_of_the_process() -> None:
    kept: list[bytearray] = []

    def leaky(_luma: Luma) -> list[bytes]:
        kept.append(bytearray(b"x" * 1_000_000))
        return []

    assert memory_growth(leaky, 40, 1, nothing) > 10_000_000
    assert memory_growth(lambda _luma: [], 40, 1, nothing) < 3_000_000


# -- photos --------------------------------------------------------------------------------------


@pytest.fixture
def album(tmp_path: Path) -> Path:
    payloads = list(corpus(2, 9))
    (tmp_path / "more").mkdir()
    Image.fromarray(flat(payloads[0])).save(tmp_path / "one.png")
    Image.fromarray(flat(payloads[1])).save(tmp_path / "more" / "two.png")
    Image.fromarray(np.full((200, 200), 90, np.uint8)).save(tmp_path / "none.png")
    (tmp_path / "note.txt").write_text("no picture")
    return tmp_path


def read(folder: Path, texts: list[bytes]) -> Tally:
    reader = {OURS: lambda _luma: texts}
    return read_photos(reader, {"zxing": still_reader()}, photos_in(folder), nothing)[OURS]


def test_photos_without_a_list_are_judged_by_what_an_engine_reads_there(album: Path) -> None:
    payloads = list(corpus(2, 9))
    assert [photo.path.name for photo in photos_in(album)] == ["two.png", "none.png", "one.png"]
    tally = read(album, [payloads[0]])
    assert (tally.pictures, tally.read, tally.wrong) == (2, 1, 1)


def test_a_list_says_what_is_in_a_photo_and_what_is_in_none(album: Path) -> None:
    text = next(corpus(2, 9)).decode()
    lines = [{"file": "one.png", "truth": [text + "\r\n"]}, {"file": "none.png", "truth": []}]
    (album / "photos.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n\n")
    tally = read(album, [text.encode()])
    assert (tally.pictures, tally.read, tally.wrong, tally.false) == (1, 1, 0, 1)


def test_a_photo_that_is_no_picture_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    tally = read_photos({OURS: still_reader()}, {}, [Photo(tmp_path / "broken.jpg", frozenset({"x"}))], nothing)[OURS]
    assert tally.pictures == 0


@pytest.mark.parametrize("line", ["{", "[]", '{"file": "a.png"}', '{"file": 3, "truth": []}', '{"truth": ["x"]}'])
def test_a_malformed_line_of_the_list_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "photos.jsonl").write_text('{"file": "a.png", "truth": []}\n' + line)
    with pytest.raises(ConfigurationError, match=r"photos\.jsonl line 2: write"):
        photos_in(tmp_path)


def test_a_folder_without_pictures_ends_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments("--photos", str(tmp_path))) == 1
    assert "holds no pictures" in capsys.readouterr().err


# -- what is said --------------------------------------------------------------------------------


def tally(read: int, ms: float) -> Tally:
    return Tally(10, read, 0, 0, [ms] * 10)


def figures() -> Figures:
    kinds = {
        PHONE: {NAIVE: tally(5, 80), OURS: tally(10, 8)},
        DARK_MODE: {NAIVE: tally(0, 80), OURS: tally(9, 8)},
    }
    steps = {1.0: {NAIVE: tally(0, 1), OURS: tally(4, 1)}, 2.0: {NAIVE: tally(5, 1), OURS: tally(10, 1)}}
    return Figures(7, kinds=kinds, sweep=steps)


def test_the_table_gives_rates_and_times_as_ratios_to_naive() -> None:
    table = as_table(figures())
    rows = {cells[1].strip(): [cell.strip() for cell in cells[2:4]] for cells in map(_cells, table.splitlines())}
    assert rows[f"read, {PHONE}"] == ["50.0 %", "100.0 %"]
    assert rows["dark mode, of what is read upright"] == ["0.0 %", "90.0 %"]
    assert rows["CPU, a picture with a code"] == ["1", "0.100"]


def test_visitors_are_set_against_all_that_any_engine_alone_reads() -> None:
    shown = figures()
    shown.walks = {NAIVE: Walks(4, {0}, 0, [9] * 4), "zxing": Walks(4, {1, 2}), OURS: Walks(4, {0, 1, 3}, 0, [3] * 4)}
    rows = {
        cells[1].strip(): [cell.strip() for cell in cells[2:4]] for cells in map(_cells, as_table(shown).splitlines())
    }
    assert rows["read, 4 visitors who walk up"] == ["1", "3"]
    assert rows["of those that any engine alone reads"] == ["1 of 3", "2 of 3"]
    assert rows["frames to read, mean"] == ["9.0", "3.0"]


def _cells(line: str) -> list[str]:
    return line.split("|")


def test_a_decoder_that_reads_nothing_upright_has_no_share_in_dark_mode() -> None:
    shown = figures()
    shown.kinds[PHONE][NAIVE] = tally(0, 80)
    assert shown.dark_mode(NAIVE) is None
    assert "–" in as_table(shown)


def test_for_machines_it_is_plain_values() -> None:
    said = json.loads(json.dumps(as_json(figures())))
    assert said["seed"] == 7
    assert said["pictures"]["all"][OURS]["rate"] == 0.95
    assert said["pictures"]["all"][OURS]["cpu_ratio"] == 0.1
    assert said["read_rate_by_pixels_a_module"][OURS] == {"1.0": 0.4, "2.0": 1.0}


def test_the_plot_is_svg_with_a_line_for_each_decoder_and_escapes_what_it_is_told() -> None:
    picture = ET.fromstring(draw(figures().curves(), "a < b & c"))  # our own text
    lines = picture.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 2
    ours = [point.split(",") for point in lines[1].attrib["points"].split()]
    assert float(ours[0][0]) < float(ours[1][0])
    assert float(ours[0][1]) > float(ours[1][1])  # higher up is more read
    assert "a < b & c" in {text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")}


def test_a_small_run_prints_json_and_draws_the_plot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plot = tmp_path / "rate.svg"
    small = (
        "--frames",
        "1",
        "--visits",
        "1",
        "--hostile",
        "0",
        "--texts",
        "5",
        "--decodes",
        "20",
        "--seed",
        "3",
        "--json",
    )
    assert run(arguments(*small, "--plot", str(plot))) == 0
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert said["pictures"]["all"][OURS]["pictures"] == len(KINDS)
    assert said["texts"]["zxing"]["read"] == said["texts"]["zbar"]["read"] == 5
    assert said["memory"]["decodes"] == 20
    assert set(said["approaches"]) == {NAIVE, "zxing", "zbar", OURS}
    assert ET.fromstring(plot.read_text()).tag.endswith("svg")


def test_parts_with_the_count_zero_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments("--frames", "0", "--visits", "0", "--hostile", "0", "--texts", "3", "--decodes", "0")) == 0
    out = capsys.readouterr().out
    assert "exact Vietnamese texts" in out
    assert "CPU" not in out


def test_a_plot_that_cannot_be_written_is_told_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments("--plot", str(tmp_path / "no" / "rate.svg"))) == 1
    assert "rate.svg" in capsys.readouterr().err


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(SystemExit):
        arguments("--frames", "-1")


def bar(stream: io.StringIO) -> Iterator[str]:
    progress = Progress(4, stream)
    for _ in range(4):
        progress.step()
        yield stream.getvalue().rsplit("\r", 1)[-1]
    progress.end()


def test_the_progress_bar_grows_on_a_terminal_and_is_wiped_at_the_end() -> None:
    stream = Terminal()
    assert [shown[-5:] for shown in bar(stream)] == [" 25 %", " 50 %", " 75 %", "100 %"]
    assert stream.getvalue().endswith("\r")


def test_where_nobody_watches_there_is_no_bar() -> None:
    stream = io.StringIO()
    assert list(bar(stream)) == [""] * 4
    assert stream.getvalue() == ""
