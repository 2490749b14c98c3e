"""A file that is a site file, a policy, or neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.errors import Complaints
from device.policy.rules import Policy
from device.settings.load import inspect, inspect_text

GOOD = "place: {name: Chợ Hoa, province: Huế}\npins: {green: 17, red: 27}\n"


def test_a_file_of_something_else_is_one_line(tmp_path: Path) -> None:
    text = "".join(f"key{number}: {number}\n" for number in range(100))
    with pytest.raises(Complaints) as caught:
        inspect_text(text, "site.yaml", tmp_path)
    assert str(caught.value) == "site.yaml:1:1: file: this is no site file: none of its keys is one of those"


def test_a_site_file_in_capitals_is_told_its_keys(tmp_path: Path) -> None:
    with pytest.raises(Complaints) as caught:
        inspect_text(GOOD.replace("place", "PLACE").replace("pins", "Pins"), "site.yaml", tmp_path)
    assert "site.yaml:1:1: PLACE: unknown key; did you mean place?" in str(caught.value)


def test_a_policy_is_told_from_a_site(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: shop-1\nvalid_from: 2021-10-07\n", "utf-8")
    assert isinstance(inspect(policy).found, Policy)


def test_twenty_mistakes_are_printed_and_the_rest_is_counted(tmp_path: Path) -> None:
    text = GOOD + "".join(f"key{number}: {number}\n" for number in range(100))
    with pytest.raises(Complaints) as caught:
        inspect_text(text, "site.yaml", tmp_path)
    lines = str(caught.value).splitlines()
    assert (len(lines), len(caught.value.complaints)) == (21, 100)
    assert lines[20] == "and 80 more"
