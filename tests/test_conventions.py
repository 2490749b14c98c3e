"""What holds for the tests themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SOURCES = sorted(TESTS.rglob("*.py"))
LONGEST_NAME = 90
SHARED = {"support", "bench"}
"""Folders from which every test may import."""


def imported(tree: ast.AST) -> Iterator[tuple[str, ...]]:
    """Yield the dotted name of every module under ``tests`` that is imported anywhere in *tree*, without ``tests``.

    What is imported from a module comes as another part: whether it is a module itself is not known.
    """
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (tuple(name.split(".")[1:]) for name in names if name.split(".")[0] == "tests")


def not_to_be_imported(own: Path, parts: tuple[str, ...]) -> bool:
    """Return whether the module *own* may not import *parts*, both relative to ``tests``."""
    if any(part.startswith("test_") or part == "conftest" for part in parts):
        return True
    return parts[0] not in SHARED and parts[0] != own.parts[0]


@pytest.mark.parametrize(
    ("own", "parts", "wrong"),
    [
        ("story/test_keys.py", "gate.test_scan.Stage", True),
        ("hub/test_serve.py", "hub.conftest.RunningHub", True),
        ("hub/test_serve.py", "hub.test_folder", True),
        ("sync/test_delivery.py", "story.fleet.FleetGate", True),
        ("support/stage.py", "story.fleet", True),
        ("story/test_fork.py", "story.fleet.FleetGate", False),
        ("gate/test_scan.py", "support.stage.Stage", False),
        ("story/test_kill.py", "bench.kills.kill_gates", False),
    ],
)
def test_the_rule_for_imports_tells_right_from_wrong(own: str, parts: str, *, wrong: bool) -> None:
    assert not_to_be_imported(Path(own), tuple(parts.split("."))) is wrong


def test_no_test_imports_a_test_a_conftest_or_what_belongs_to_another_folder() -> None:
    wrong = [
        f"{path.relative_to(TESTS)}: tests.{'.'.join(parts)}"
        for path in SOURCES
        for parts in imported(ast.parse(path.read_bytes()))
        if not_to_be_imported(path.relative_to(TESTS), parts)
    ]
    assert wrong == []


def test_the_name_of_a_test_is_a_sentence_that_fits_a_line() -> None:
    long = [
        f"{path.relative_to(TESTS)}: {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and len(node.name) > LONGEST_NAME
    ]
    assert long == []
