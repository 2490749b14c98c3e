"""What is published was checked before: a mistake is told by its line, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.errors import Complaints, ConfigurationError
from device.hub.publishing.publish import content_of, content_of_people, numbers_in
from device.wire.bundle import BundleKind
from device.wire.people_list import PeopleList

POLICY, TRUST = BundleKind.POLICY, BundleKind.TRUST
BOM = b"\xef\xbb\xbf"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


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


def test_each_version_of_a_list_has_a_key_of_its_own_and_no_number_in_it() -> None:
    one, other = (content_of_people(["citizen:051090001234"]) for _ in range(2))
    assert one[8:40] != other[8:40]
    assert b"051090001234" not in one


def test_a_list_holds_the_numbers_it_was_made_of_each_once() -> None:
    content = content_of_people(["citizen:051090001234", "national:QID-1", "citizen:051090001234"])
    found = PeopleList(content)
    assert numbers_in(len(content)) == len(found) == 2
    assert found.holds(["national:QID-1"])
    assert not found.holds(["citizen:051090001235"])


def test_a_list_of_nobody_is_a_list() -> None:
    assert numbers_in(len(content_of_people([]))) == len(PeopleList(content_of_people([]))) == 0


@pytest.mark.parametrize("kind", [TRUST, POLICY])
def test_a_file_that_is_not_there_is_told(file: Path, kind: BundleKind) -> None:
    with pytest.raises((ConfigurationError, Complaints), match="file"):
        content_of(kind, file)
