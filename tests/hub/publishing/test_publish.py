"""What is published was checked before: a mistake is told by its line, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.errors import Complaints, ConfigurationError
from device.hub.publishing.publish import content_of
from device.wire.bundle import BundleKind
from device.wire.people_list import PeopleList

POLICY, TRUST, WATCH = BundleKind.POLICY, BundleKind.TRUST, BundleKind.WATCH_LIST
BOM = b"\xef\xbb\xbf"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def people(file: Path, written: bytes) -> PeopleList:
    file.write_bytes(written)
    return PeopleList(content_of(WATCH, file))


def test_a_policy_is_published_byte_for_byte(file: Path) -> None:
    file.write_bytes(BOM + b"version: market-1\r\nvalid_from: 2026-01-01\r\n")
    assert content_of(POLICY, file) == file.read_bytes()


def test_a_policy_or_trust_list_with_a_mistake_is_told_by_its_line(file: Path) -> None:
    file.write_bytes(b"version: market-1\nvalid_from: tomorrow\n")
    with pytest.raises(Complaints, match=r"file:2:13: valid_from: write a day"):
        content_of(POLICY, file)
    file.write_bytes(b'[\n{"kid": 1}\n]\n')
    with pytest.raises(Complaints, match=r"file:2:"):
        content_of(TRUST, file)


LISTS = {
    "objects": b'{"citizen_number": "051090001234", "insurance_number": null}\n\n{"national_code_id": "QID-1"}\n',
    "csv": b"citizen_number,insurance_number,national_code_id\n051090001234,5120001234,\n,,QID-1\n",
    "csv of a spreadsheet": BOM + b'"national_code_id","citizen_number"\r\nQID-1,051090001234\r\n',
}


@pytest.mark.parametrize("written", LISTS.values(), ids=LISTS)
def test_people_come_from_objects_or_from_csv(file: Path, written: bytes) -> None:
    found = people(file, written)
    assert found.holds(["citizen:051090001234"])
    assert found.holds(["national:QID-1"])
    assert not found.holds(["citizen:051090001235"])


def test_each_version_of_a_list_has_a_key_of_its_own_and_no_number_in_it(file: Path) -> None:
    file.write_bytes(LISTS["csv"])
    one, other = content_of(WATCH, file), content_of(WATCH, file)
    assert one[8:40] != other[8:40]
    assert b"051090001234" not in one


def test_an_empty_list_is_a_list_of_nobody(file: Path) -> None:
    assert len(people(file, b"")) == 0
    assert len(people(file, b"citizen_number\n")) == 0


WRONG = {
    b"citizen_number\n51090001234\n": r"file:2: citizen_number: not such a number",  # a spreadsheet took the nought
    b'{"citizen_number": 51090001234}\n': r"file:1: citizen_number: not such a number",
    b'{"citizen_number": "051090001234"}\n{"citizen_number": ""}\n': r"file:2: write one of citizen_number",
    b'{"citizen_number": "051090001234", "name": "x"}\n': r"file:1: write only citizen_number",
    b"name,citizen_number\nx,051090001234\n": r"file:1: begin with a header",
    b"citizen_number,citizen_number\n": r"file:1: begin with a header",
    b"051090001234\n": r"file:1: begin with a header",
    b"citizen_number\n051090001234,x\n": r"file:2: has 2 cells, and the header 1",
    b'citizen_number\n"0510\n': r"file:2: no line of CSV",
    b"citizen_number\n\xff\xfe\n": r"file:2: no line of CSV",
    b'{"citizen_number": "051090001234"\n': r"file:1: body: not JSON",
    b"citizen_number\n" + b"0" * 5000: r"file:2: longer than 4096 bytes",
}


@pytest.mark.parametrize(("written", "told"), WRONG.items(), ids=WRONG.values())
def test_a_line_that_is_wrong_is_named_and_never_repeated(file: Path, written: bytes, told: str) -> None:
    file.write_bytes(written)
    with pytest.raises(ConfigurationError, match=told) as caught:
        content_of(WATCH, file)
    assert "51090001234" not in str(caught.value)
    assert str(caught.value).endswith("nothing was changed")


def test_a_list_of_more_numbers_than_a_gate_holds_is_refused(file: Path) -> None:
    file.write_bytes(b"citizen_number\n" + b"051090001234\n" * 4)
    with pytest.raises(ConfigurationError, match="file:5: more than 3 numbers"):
        content_of(WATCH, file, 3)
    assert len(PeopleList(content_of(WATCH, file, 4))) == 1


@pytest.mark.parametrize("kind", [WATCH, TRUST, POLICY])
def test_a_file_that_is_not_there_is_told(file: Path, kind: BundleKind) -> None:
    with pytest.raises((ConfigurationError, Complaints), match="file"):
        content_of(kind, file)
