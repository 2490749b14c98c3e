"""What lies in config/ is right, complete and tells the truth about defaults."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path as FilePath

import pytest
from pydantic.fields import FieldInfo

from device.model import CREDENTIAL_KINDS, Outcome
from device.policy import RECORD_ONLY
from device.settings.keys import every_key, section_in
from device.settings.load import load, load_policy
from device.settings.located import read
from device.settings.schema import Site
from device.settings.tree import Scalar, Tree
from device.settings.values import text_of

CONFIG = FilePath(__file__).parents[1] / "config"
EXAMPLE = (CONFIG / "site.example.yaml").read_text("utf-8")
LOCATED = read(EXAMPLE, "site.example.yaml")
KEYS = dict(every_key(Site))
# One excludes the others, so the example shows it as a comment.
OR_ELSE = ("policy", "file")
del KEYS[OR_ELSE]
NO_SITES = {"central-api.yaml", "hub.example.yaml", "hub-alerts.yaml"}
POLICIES = sorted(path.name for path in (CONFIG / "policy").glob("*.yaml"))


def standing_at(path: tuple[str, ...]) -> Tree | None:
    """Return what stands at *path*; of a list of sections, its first."""
    tree: Tree = LOCATED.tree
    for part in path:
        tree = tree[0] if isinstance(tree, list) else tree
        if not isinstance(tree, dict) or part not in tree:
            return None
        tree = tree[part]
    return tree


def in_its_list(path: tuple[str, ...]) -> tuple[str | int, ...]:
    """Return where a key of a list of sections is explained: in the first of them."""
    deep = {"cues": 2, "answers": 1}.get(path[0], len(path))
    return path if len(path) <= deep else (*path[:deep], 0, *path[deep:])


def in_one_cue(path: tuple[str, ...]) -> tuple[str, ...]:
    """All cues are made of the same two keys; the example explains them once, in granted."""
    return ("cues", "granted", *path[2:]) if path[0] == "cues" and len(path) > 2 else path


@pytest.mark.parametrize("file", sorted(path.name for path in CONFIG.glob("*.yaml") if path.name not in NO_SITES))
def test_every_file_in_config_is_valid(file: str) -> None:
    load(CONFIG / file)


@pytest.mark.parametrize("path", [path for path in KEYS if section_in(KEYS[path].annotation) is None], ids=".".join)
def test_the_example_shows_every_key_with_its_default(path: tuple[str, ...]) -> None:
    written = standing_at(in_one_cue(path))
    assert written is not None
    default = KEYS[path].default
    if KEYS[path].is_required() or default is None:
        return
    if isinstance(written, list):
        assert [text_of(item) for item in written] == list(default)
    else:
        assert isinstance(written, Scalar)
        assert written.text == text_of(default)


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_the_example_says_a_sentence_about_every_key(path: tuple[str, ...]) -> None:
    path = in_one_cue(path)
    lines = EXAMPLE.splitlines()
    keys: dict[tuple[str | int, ...], int] = {place: mark.line for place, mark in LOCATED.keys.items()}
    line = keys[in_its_list(path)]
    assert re.search(r"# \S.+[.:`]$", lines[line - 1]) or lines[line - 2].lstrip().startswith("# ")


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_the_example_tells_which_keys_are_required_or_have_no_default(path: tuple[str, ...]) -> None:
    field: FieldInfo = KEYS[path]
    if path[0] == "cues" or path[-1] == "pin" or section_in(field.annotation) is Site:
        return
    line = EXAMPLE.splitlines()[LOCATED.keys[in_its_list(path)].line - 1]
    required = field.is_required() and section_in(field.annotation) is None
    assert ("Required" in line) >= required
    if field.default is None and path != ("hub",):
        assert "No default" in line


def test_the_example_names_the_policy_file_in_a_comment() -> None:
    comment = next(line.strip() for line in EXAMPLE.splitlines() if line.startswith("  # file: "))
    said = re.fullmatch(r"# file: (\S+) +# No default\. \S.+\.", comment)
    assert said is not None
    assert (CONFIG / said[1]).is_file()


def test_a_policy_for_each_way_of_judging_is_shipped() -> None:
    assert POLICIES == [
        "asking-the-centre.yaml",
        "da-nang-2021-10.yaml",
        "expected-guests.yaml",
        "khanh-hoa-2021-10-07.yaml",
        "record-only.yaml",
    ]


@pytest.mark.parametrize("file", POLICIES)
def test_every_policy_in_config_is_valid_and_named_after_its_file(file: str) -> None:
    assert load_policy(CONFIG / "policy" / file).version.startswith(file.removesuffix(".yaml"))


def test_the_shipped_record_only_policy_is_the_one_that_is_built_in() -> None:
    shipped = load_policy(CONFIG / "policy" / "record-only.yaml")
    builtin = replace(RECORD_ONLY, valid_from_ms=shipped.valid_from_ms, kinds=shipped.kinds)
    assert shipped == builtin
    for kind in CREDENTIAL_KINDS:  # without certificate rules or hours neither of the other two is ever asked
        assert shipped.stance(kind).unverified is RECORD_ONLY.stance(kind).unverified is Outcome.GRANTED


def test_the_minimal_file_is_as_short_as_it_says() -> None:
    lines = [line for line in (CONFIG / "minimal.yaml").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) == 10


def test_the_bench_needs_no_pi_and_no_network() -> None:
    site = load(CONFIG / "bench.yaml")
    assert (site.camera.source, site.pins.driver) == ("replay", "mock")
    assert site.hub is not None
    assert site.hub.url.startswith("http://127.0.0.1")
