"""The schema for editors says what the site file accepts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import Complaints
from device.settings.jsonschema import editor_schema
from device.settings.load import parse, parse_policy
from device.settings.located import read
from device.settings.tree import Scalar, Tree

CONFIG = Path(__file__).parents[2] / "config"
SCHEMA: dict[str, Any] = json.loads(editor_schema())
POLICY_SCHEMA: dict[str, Any] = json.loads(editor_schema("policy"))
DEFS = SCHEMA["$defs"] | POLICY_SCHEMA["$defs"]
TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def as_json(tree: Tree) -> Any:  # noqa: ANN401 - any JSON
    """Read a tree as an editor does: YAML 1.2's core types."""
    if isinstance(tree, dict):
        return {key: as_json(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [as_json(item) for item in tree]
    if not tree.plain:
        return tree.text
    return CORE.get(tree.text, None if tree.empty else number_or_text(tree.text))


CORE = {"true": True, "false": False}


def number_or_text(text: str) -> int | float | str:
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    return float(text) if re.fullmatch(r"[-+]?[0-9]*\.[0-9]+|[0-9]+e[0-9]+", text) else text


def fits(value: Any, shape: dict[str, Any]) -> bool:  # noqa: ANN401 - any JSON
    """Judge *value* as JSON schema does, for the words our schema uses (others fail the test)."""
    unknown = set(shape) - {
        *JUDGES,
        "$ref",
        "$defs",
        "$schema",
        "title",
        "description",
        "default",
        "examples",
        "x-secret",
    }
    assert not unknown, f"this test does not know {unknown}"
    if "$ref" in shape and not fits(value, DEFS[shape["$ref"].removeprefix("#/$defs/")]):
        return False
    return all(JUDGES[word](value, wanted, shape) for word, wanted in shape.items() if word in JUDGES)


def of_type(value: Any, types: str | list[str]) -> bool:  # noqa: ANN401 - any JSON
    wanted = [types] if isinstance(types, str) else types
    return any(isinstance(value, TYPES[t]) and (t == "boolean" or not isinstance(value, bool)) for t in wanted)


def items_of(value: Any, kind: type) -> Any:  # noqa: ANN401 - any JSON
    return value if isinstance(value, kind) else kind()


JUDGES: dict[str, Any] = {
    "type": lambda value, types, _: of_type(value, types),
    "enum": lambda value, words, _: value in words and not isinstance(value, bool),
    "anyOf": lambda value, shapes, _: any(fits(value, shape) for shape in shapes),
    "pattern": lambda value, pattern, _: not isinstance(value, str) or re.search(pattern, value) is not None,
    "minimum": lambda value, least, _: not of_type(value, "number") or value >= least,
    "maximum": lambda value, most, _: not of_type(value, "number") or value <= most,
    "minItems": lambda value, least, _: not isinstance(value, list) or len(value) >= least,
    "maxItems": lambda value, most, _: not isinstance(value, list) or len(value) <= most,
    "items": lambda value, shape, _: all(fits(item, shape) for item in items_of(value, list)),
    "required": lambda value, names, _: not isinstance(value, dict) or set(names) <= set(value),
    "properties": lambda value, shapes, _: all(
        fits(below, shapes[name]) for name, below in items_of(value, dict).items() if name in shapes
    ),
    "additionalProperties": lambda value, allowed, shape: (
        allowed or set(items_of(value, dict)) <= set(shape["properties"])
    ),
}


def test_the_schema_file_is_the_one_the_code_generates() -> None:
    told = "stale: python -m device.settings.jsonschema > config/site.schema.json"
    assert (CONFIG / "site.schema.json").read_text("utf-8") == editor_schema(), told


def test_the_schema_file_of_policies_is_the_one_the_code_generates() -> None:
    told = "stale: python -m device.settings.jsonschema policy > config/policy.schema.json"
    assert (CONFIG / "policy.schema.json").read_text("utf-8") == editor_schema("policy"), told


@pytest.mark.parametrize("name", ["record-only.yaml", "khanh-hoa-2021-10-07.yaml", "da-nang-2021-10.yaml"])
def test_the_shipped_policies_fit_the_schema(name: str) -> None:
    assert fits(as_json(read((CONFIG / "policy" / name).read_text("utf-8"), name).tree), POLICY_SCHEMA)


@pytest.mark.parametrize("name", ["site.example.yaml", "minimal.yaml", "bench.yaml"])
def test_the_shipped_files_fit_the_schema(name: str) -> None:
    assert fits(as_json(read((CONFIG / name).read_text("utf-8"), name).tree), SCHEMA)


def leaves(shape: dict[str, Any], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the paths of all keys that hold one value."""
    found: list[tuple[str, ...]] = []
    for name, below in shape["properties"].items():
        refs = [below.get("$ref"), *(choice.get("$ref") for choice in below.get("anyOf", []))]
        ref = next((ref for ref in refs if ref), None)
        if ref:
            found += leaves(DEFS[ref.removeprefix("#/$defs/")], (*above, name))
        if not ref or "anyOf" in below:
            found.append((*above, name))
    return found


LEAST: dict[str, Any] = {
    "place": {"name": "A", "province": "B"},
    "pins": {
        "green": 17,
        "red": 27,
        "amber": {"pin": 1},
        "buzzer": {"pin": 2},
        "relay": {"pin": 3},
        "manual_button": {"pin": 4},
    },
    "hub": {"url": "https://hub.example.vn"},
    "camera": {"replay": {"path": "photos"}},
}
WRITTEN = st.sampled_from(
    [
        *("0", "1", "7", "07", "15", "17", "27", "28", "60", "500", "501", "-1", "1.5", "1e3", "1_000", "0x1", "'7'"),
        *("true", "false", "'true'", "'false'", "yes", "on", "off", "none", "~", "''", "'07'", "'5s'", "Huế"),
        *("1s", "30s", "1.5s", "500ms", "2m", "1h", "0s", "10ms", "3d", "5sec", "20cm", "200mm", "1m", "0.2m"),
        *("50Hz", "60Hz", "2400Hz", "50hz", "1296x972", "640x480", "1296×972", "picamera2", "replay", "hold", "loop"),
        *("lgpio", "mock", "active", "passive", "grant", "refer", "deny", "in", "unknown", "school", "debug", "info"),
        *("citizen-card", "2021-10-07", "https://hub.example.vn", "http://127.0.0.1", "ftp://x", "[]", "{}"),
        *("[hc1]", "[red]", "[[red]]", "[citizen-card]", "[citizen-card, vneid]", "{pin: 19}", "[{lines: [red]}]"),
        *("[{lines: [], for: 1s}]", "[{lines: [red], for: 1s}]", "[{lines: red, for: 1s}]", "[{lines: [red], for: 1}]"),
    ],
)


def with_value(path: tuple[str, ...], written: str, least: dict[str, Any] = LEAST) -> str:
    site = json.loads(json.dumps(least))
    section = site
    for name in path[:-1]:
        if not isinstance(section.setdefault(name, {}), dict):
            section[name] = {"pin": section[name]}
        section = section[name]
    section[path[-1]] = "HERE"
    return json.dumps(site, ensure_ascii=False).replace('"HERE"', written)


@settings(max_examples=500, deadline=None, database=None, derandomize=True)
@given(st.sampled_from(leaves(SCHEMA)), WRITTEN)
def test_what_the_gate_accepts_no_editor_marks_as_wrong(path: tuple[str, ...], written: str) -> None:
    text = with_value(path, written)
    try:
        parse(text)
    except Complaints:
        return
    assert fits(as_json(read(text, "f").tree), SCHEMA)


@settings(max_examples=500, deadline=None, database=None, derandomize=True)
@given(st.sampled_from(leaves(SCHEMA)), WRITTEN)
def test_an_editor_marks_what_the_gate_refuses_but_for_ranges_and_what_several_keys_say(
    path: tuple[str, ...], written: str
) -> None:
    text = with_value(path, written)
    if not fits(as_json(read(text, "f").tree), SCHEMA):
        return
    try:
        parse(text)
    except Complaints as found:
        for complaint in found.complaints:
            assert re.search(ONLY_THE_GATE_KNOWS, complaint.message), f"{text}: {complaint}"


LEAST_POLICY: dict[str, Any] = {
    "version": "a",
    "valid_from": "2021-10-07",
    "certificates": {"grant": {"vaccination": {"doses": 2}, "test": {"pcr": "72h"}}, "refer": {"recovery": {}}},
    "capacity": {"most": 5},
}
WRITTEN_IN_POLICIES = WRITTEN | st.sampled_from(
    [
        *(
            "VN",
            "[VN]",
            "[vn]",
            "+07:00",
            "Asia/Nowhere",
            "UTC",
            "2021-10-07T00:00:00+07:00",
            "2021-99-07",
            "07:30",
            "24:00",
        ),
        *(
            "24:01",
            "both",
            "[EU/1/20/1528]",
            "[840539006]",
            "['840539006']",
            "[{from: 07:00, to: 17:00}]",
            "{doses: 3}",
        ),
        *("[{from: 07:00}]", "[{days: [mon], from: 7, to: 8}]", "9000-01-01", "100000", "{}", "48h"),
    ]
)


@settings(max_examples=500, deadline=None, database=None, derandomize=True)
@given(st.sampled_from(leaves(POLICY_SCHEMA)), WRITTEN_IN_POLICIES)
def test_editor_and_gate_agree_about_policies_but_for_ranges_and_what_several_keys_say(
    path: tuple[str, ...], written: str
) -> None:
    text = with_value(path, written, LEAST_POLICY)
    fitting = fits(as_json(read(text, "f").tree), POLICY_SCHEMA)
    said: list[str] = []
    try:
        parse_policy(text)
    except Complaints as found:
        said = [complaint.message for complaint in found.complaints]
    if fitting:
        assert all(re.search(ONLY_THE_GATE_KNOWS, message) for message in said), f"{text}: {said}"
    else:
        assert said, text


ONLY_THE_GATE_KNOWS = (
    r"from \S+ to|write whole|without leading zeros|write a text here|the path of"  # ranges and odd spellings
    r"|write an address|http:// is only|a letter of the enrolment code"
    r"|write a day like|knows no such time zone|listed twice|says nothing without|no certificate gets here|or remove it"
    r"|own file says this|Windows writes so"
    r"|also used by|is replay|there is no pins|only granted|looks the same|at least one lamp|must light green"
)


def test_the_test_itself_can_fail() -> None:
    good = {"place": {"name": "A", "province": "B"}, "pins": {"green": 17, "red": 27}}
    assert fits(good, SCHEMA)
    for broken in (
        {**good, "pins": {"green": 17}},
        {**good, "pins": {"green": 28, "red": 27}},
        {**good, "pins": {"green": None, "red": 27}},
        {**good, "presence": {"absence": 1}},
        {**good, "presence": {"absence": "1 s"}},
        {**good, "policy": {"accept": []}},
        {**good, "nothing": 1},
    ):
        assert not fits(broken, SCHEMA)


def test_scalars_are_read_as_an_editor_reads_them() -> None:
    written = ("17", "true", "off", "~", "1.5", "1s")
    assert [as_json(Scalar(text)) for text in written] == [17, True, "off", None, 1.5, "1s"]
    assert as_json(Scalar("17", plain=False)) == "17"
