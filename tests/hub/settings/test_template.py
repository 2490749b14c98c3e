"""The ``hub.yaml`` of a new hub, the complete example, and the schema for editors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from device.hub.settings.jsonschema import hub_schema
from device.hub.settings.load import load_settings, parse_settings
from device.hub.settings.schema import LISTEN, DatabaseSection, HubSettings, LimitsSection, ListenSection
from device.hub.settings.template import NewSettings
from device.hub.settings.values import Address
from device.settings.keys import every_key, section_in
from device.settings.located import read
from device.settings.tree import Scalar, Tree
from device.settings.values import text_of

CONFIG = Path(__file__).parents[3] / "config"
EXAMPLE = (CONFIG / "hub.example.yaml").read_text("utf-8")
LOCATED = read(EXAMPLE, "hub.example.yaml")
KEYS = dict(every_key(HubSettings))
# With SQLite, without an address for people, and without an export there is none: the example shows them as comments.
IN_A_COMMENT = {("database", "password_file"), ("people",), ("people", "url"), ("export", "folder")}
SAME_IN_EVERY_HUB = [path for path in KEYS if path not in IN_A_COMMENT | {("names",)}]


def standing_at(path: tuple[str, ...]) -> Tree:
    tree: Tree = LOCATED.tree
    for part in path:
        tree = tree[0] if isinstance(tree, list) else tree
        assert isinstance(tree, dict)
        tree = tree[part]
    return tree


def line_of(path: tuple[str, ...]) -> str:
    place: tuple[str | int, ...] = path if len(path) == 1 or path[0] != "listen" else ("listen", 0, path[1])
    return EXAMPLE.splitlines()[LOCATED.keys[place].line - 1]


def test_a_new_hubs_file_says_what_was_asked_for() -> None:
    text = NewSettings(["hub.example.vn", "::1"], 9, "[::]:8443", tls=True, metrics="127.0.0.1:9500").text()
    settings, _ = parse_settings(text)
    assert (settings.names, settings.retention_days) == (("hub.example.vn", "::1"), 9)
    assert [(door.address, door.tls) for door in settings.listen] == [(Address("::", 8443), True)]
    assert settings.metrics == Address("127.0.0.1", 9500)
    assert parse_settings(NewSettings(["a.vn"]).text())[0].metrics is None


def test_a_new_hubs_file_has_every_key_but_limits_with_a_comment() -> None:
    text = NewSettings(["a.vn"]).text()
    written = {path for path, _ in every_key(HubSettings) if path[0] != "limits"}
    for *_, name in written:
        assert re.search(rf"^[ -]*(# )?{name}:.*", text, re.MULTILINE), name


def test_the_complete_example_is_right() -> None:
    assert load_settings(CONFIG / "hub.example.yaml").names == ("hub.example.vn", "192.168.1.20")


@pytest.mark.parametrize("path", SAME_IN_EVERY_HUB, ids=".".join)
def test_the_example_shows_every_key_with_its_default_and_a_sentence(path: tuple[str, ...]) -> None:
    written, field = standing_at(path), KEYS[path]
    assert re.search(r"# \S.+[.:]$", line_of(path))
    if section_in(field.annotation) is None and path[0] != "listen" and not field.is_required():
        assert isinstance(written, Scalar)
        assert written.text == text_of(field.default)
    if field.is_required() and section_in(field.annotation) is None:
        assert "Required" in line_of(path)


def test_the_example_listens_as_a_hub_does_by_itself() -> None:
    door = load_settings(CONFIG / "hub.example.yaml").listen[0]
    assert (str(door.address), door.tls) == (LISTEN, False)


def test_the_example_names_the_password_file_in_a_comment() -> None:
    assert re.search(r"^  # password_file: \S+ +# No default\. \S.+\.$", EXAMPLE, re.MULTILINE)


@pytest.mark.parametrize("section", [HubSettings, DatabaseSection, ListenSection, LimitsSection])
def test_every_key_has_a_sentence(section: type[BaseModel]) -> None:
    assert all((field.description or "").endswith(".") for field in section.model_fields.values())


def test_the_schema_file_is_the_one_the_code_generates() -> None:
    told = "stale: python -m device.hub.settings.jsonschema > config/hub.schema.json"
    assert (CONFIG / "hub.schema.json").read_text("utf-8") == hub_schema(), told
