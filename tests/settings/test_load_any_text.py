"""Whatever a site file holds, it ends in a site or in complaints."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import Complaint, Complaints
from device.settings.load import load, parse


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
