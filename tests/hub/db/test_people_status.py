from __future__ import annotations

from pathlib import Path

import pytest

from device.cli import main
from device.errors import ConfigurationError
from device.hub.db.database import HubDatabase
from device.hub.db.people_status import digest, read_people
from device.hub.folder import HubFolder
from device.model import HealthColour, Status
from tests.support.languages import ENGLISH, in_both

THU, MAU = "051090001234", "051194005678"
SECRET = bytes(32)
WELL = Status(declared=True, health=HealthColour.GREEN, movement_declared=True, doses=2)
LINE = '{"citizen_number": "051090001234", "declared": true, "health": "green", "movement_declared": true, "doses": 2}'


def people(folder: Path, *lines: str) -> Path:
    file = folder / "people.jsonl"
    file.write_bytes("".join(f"{line}\n" for line in lines).encode())
    return file


# -- the file -------------------------------------------------------------------------------------


def test_a_line_is_a_person_with_every_number_and_what_is_known(tmp_path: Path) -> None:
    more = '{"insurance_number": "5120001234", "national_code_id": "1632", "citizen_number": "051194005678"}'
    assert read_people(people(tmp_path, "\N{BYTE ORDER MARK}" + LINE, "", more + "\r")) == [
        ((f"citizen:{THU}",), WELL),
        ((f"citizen:{MAU}", "insurance:5120001234", "national:1632"), Status()),
    ]


WRONG = [
    ("051090001234", "write a JSON object"),
    ('{"citizen_number": 51090001234}', "citizen_number: not such a number, in quotes"),
    ('{"citizen_number": "51090001234"}', "citizen_number: not such a number"),
    ('{"insurance_number": "051090001234"}', "insurance_number: not such a number"),
    ('{"health": "green"}', "write one of citizen_number"),
    ('{"citizen_number": "051090001235", "helth": "red"}', "write only citizen_number, declared"),
    ('{"citizen_number": "051090001235", "health": "purple"}', "health"),
    ('{"citizen_number": "051090001235", "declared": "yes"}', "declared: must be true, false or null"),
    ('{"citizen_number": "051090001235", "doses": 100}', "doses: must be at most 99"),
    ('{"citizen_number": "051090001235", "doses": 1, "doses": 2}', "each key once"),
    ('{"citizen_number": "051090001234"}', "speaks of a number of line 1 again"),
    ("[" * 3_000, ""),
    ("\x00", ""),
]


@pytest.mark.parametrize(("line", "told"), WRONG)
def test_a_line_that_is_wrong_is_named_by_its_number_and_never_repeated(tmp_path: Path, line: str, told: str) -> None:
    file = people(tmp_path, LINE, "", line)
    with pytest.raises(ConfigurationError) as caught:
        read_people(file)
    said = str(caught.value)
    assert said.startswith(f"{file}:3: ")
    assert told in said
    assert said.endswith("; nothing was changed")
    for secret in ("05109", "51090001234", "purple", "helth"):
        assert secret not in said.removeprefix(str(file))


@pytest.mark.parametrize("line", [line for line, _ in WRONG])
def test_a_wrong_line_is_told_in_vietnamese_without_a_word_of_english(tmp_path: Path, line: str) -> None:
    file = people(tmp_path, LINE, "", line)
    english, words = in_both(lambda: read_people(file), str(file))
    assert ENGLISH.search(english)
    assert not ENGLISH.search(words)
    assert words.startswith("…:3: ")
    assert words.endswith("; chưa thay đổi gì")


def test_all_wrong_lines_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_people(people(tmp_path, LINE, "x", "{}", LINE, *["x"] * 30))
    told = str(caught.value).splitlines()
    assert [line.split(": ")[0].rpartition(":")[2] for line in told[:3]] == ["2", "3", "4"]
    assert "of line 1 again" in told[2]
    assert told[20:] == ["and 13 lines more; nothing was changed"]


@pytest.mark.parametrize("begins", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
def test_an_excel_file_is_told_once_and_not_line_by_line(tmp_path: Path, begins: bytes) -> None:
    file = tmp_path / "people.xlsx"
    file.write_bytes(begins + b"\nx\ny\n")
    with pytest.raises(ConfigurationError) as caught:
        read_people(file)
    told = "an Excel file; write a JSON object a line (config/people.example.jsonl); nothing was changed"
    assert str(caught.value) == f"{file}: {told}"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_people(tmp_path / "none.jsonl")


def test_the_file_that_is_shipped_as_an_example_is_right() -> None:
    shipped = read_people(Path(__file__).parents[3] / "config" / "people.example.jsonl")
    assert [status.health for _, status in shipped] == [HealthColour.GREEN, HealthColour.YELLOW, HealthColour.RED]


# -- the store ------------------------------------------------------------------------------------


def test_an_import_replaces_all_that_was_known(store: HubDatabase) -> None:
    store.replace_statuses([((digest(SECRET, "citizen:1"),), WELL)])
    store.replace_statuses([((digest(SECRET, "citizen:2"), digest(SECRET, "insurance:2")), Status(doses=1))])
    assert store.status([digest(SECRET, "citizen:1")]) == Status()
    assert store.status([digest(SECRET, "citizen:3"), digest(SECRET, "insurance:2")]) == Status(doses=1)


def test_of_two_people_in_one_code_the_better_does_not_speak_for_the_other(store: HubDatabase) -> None:
    ill = Status(declared=False, health=HealthColour.RED, doses=1)
    store.replace_statuses([((digest(SECRET, "citizen:1"),), WELL), ((digest(SECRET, "insurance:2"),), ill)])
    for keys in (("citizen:1", "insurance:2"), ("insurance:2", "citizen:1")):
        found = store.status(digest(SECRET, key) for key in keys)
        assert found == Status(declared=False, health=HealthColour.RED, movement_declared=True, doses=1)


def test_more_people_than_one_statement_takes_are_all_known(store: HubDatabase) -> None:
    store.replace_statuses(((digest(SECRET, f"citizen:{n}"),), Status(doses=n % 5)) for n in range(5_003))
    assert [store.status([digest(SECRET, f"citizen:{n}")]).doses for n in (0, 4_999, 5_002)] == [0, 4, 2]


def test_no_number_lies_in_the_database_and_another_secret_finds_nobody(
    folder: HubFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hub", "status", str(folder.path), str(people(tmp_path, LINE))]) == 0
    assert "1 people" in capsys.readouterr().out
    raw = b"".join(path.read_bytes() for path in folder.path.iterdir() if path.name.startswith("hub.db"))
    assert raw
    assert THU.encode() not in raw
    store = folder.open_store()
    assert store.status([digest(folder.make_status_secret(), f"citizen:{THU}")]) == WELL
    assert store.status([digest(SECRET, f"citizen:{THU}")]) == Status()
    store.close()


def test_the_secret_is_its_owners_only(folder: HubFolder) -> None:
    assert folder.status_secret() is None
    folder.make_status_secret()
    assert (folder.path / "status.key").stat().st_mode & 0o777 == 0o600


# -- the command ----------------------------------------------------------------------------------


def test_a_file_with_a_mistake_changes_nothing_and_ends_with_an_error(
    folder: HubFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["hub", "status", str(folder.path), str(people(tmp_path, LINE))])
    capsys.readouterr()
    assert main(["hub", "status", str(folder.path), str(people(tmp_path, LINE, LINE))]) != 0
    assert "people.jsonl:2: speaks of a number of line 1 again; nothing was changed" in capsys.readouterr().err
    store = folder.open_store()
    assert store.status([digest(folder.make_status_secret(), f"citizen:{THU}")]) == WELL
    store.close()
