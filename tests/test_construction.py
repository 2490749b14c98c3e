"""How objects are built: complete at once, with few parts, and with nothing that only pretends to do something."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.app.status_report import StatusReport
from device.gate.registrar import Registrar
from device.gate.rules import Rules
from device.gate.scan import Gate
from device.sync.delivery import Delivery
from device.sync.refresh import Refresher

DEVICE = Path(__file__).parent.parent / "device"
TREES = {path.relative_to(DEVICE).as_posix(): ast.parse(path.read_bytes()) for path in sorted(DEVICE.rglob("*.py"))}
THREADS_OF_OTHERS = {
    "eye/child.py",  # in the eye: ends it with its connection
    "eye/connection.py",  # the eye's reader: what it meets costs the eye, which is started anew
    "eye/process.py",  # passes on to a terminal what an eye prints
    "uplink/request.py",  # one request: what it meets is raised where the answer is waited for
    "hub/alerts/deadline.py",  # one visit to a webhook or mail server: what it raises is raised by who waits
    "hub/child_process.py",  # ends the child when its parent is gone
    "hub/publishing/publish.py",  # a command's digests on all cores: what one meets is raised by the command
    "demo/stage.py",  # the whole gate of the demo
}

STARTERS = {"Thread", "Timer", "ThreadPoolExecutor", "start_new_thread", "_thread"}
"""What starts a thread, however it is imported."""

Function = ast.FunctionDef | ast.Lambda


def parameters(function: Function) -> set[str]:
    """Return the names of what a function takes by position or by name."""
    taken = function.args
    return {each.arg for each in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)}


def is_constant(line: ast.stmt) -> bool:
    """Return whether a line only holds a constant: a docstring, or ``...``."""
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def does_nothing(function: Function) -> bool:
    """Return whether a function only passes, or returns a constant or its own argument."""
    if isinstance(function, ast.Lambda):
        value: ast.expr | None = function.body
    else:
        words = [line for line in function.body if not is_constant(line)]
        if not words or isinstance(words[0], ast.Pass):
            return True
        if len(words) > 1 or not isinstance(words[0], ast.Return):
            return False
        value = words[0].value
    if value is None or isinstance(value, ast.Constant):
        return True
    return isinstance(value, ast.Name) and value.id in parameters(function)


def stand_ins(tree: ast.Module) -> Iterator[str]:
    """Yield each lambda of *tree* that does nothing, and each function outside a class that does and is handed on."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    handed_on = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}
    methods = {id(node) for owner in ast.walk(tree) if isinstance(owner, ast.ClassDef) for node in owner.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and does_nothing(node):
            yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.FunctionDef) and node.name in handed_on and id(node) not in methods:
            yield from [f"line {node.lineno}: {node.name}"] if does_nothing(node) else []


def foreign_assignments(tree: ast.AST) -> Iterator[str]:
    """Yield each assignment to an attribute of anything but ``self``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
            targets = [node.target]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            targets = [node.func]
        else:
            continue
        inner = [part for target in targets for part in ast.walk(target)]
        assigned = [part for part in inner if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)]
        own = all(isinstance(part.value, ast.Name) and part.value.id == "self" for part in assigned)
        if not own or isinstance(node, ast.Call):
            yield f"line {node.lineno}: {ast.unparse(node)}"


def test_a_gate_is_complete_when_it_is_built_and_never_changed() -> None:
    parts = dataclasses.fields(Gate)
    assert len(parts) <= 12
    assert all(part.default is part.default_factory is dataclasses.MISSING and part.init for part in parts)
    assert {Gate.__dataclass_params__.frozen, Rules.__dataclass_params__.frozen} == {True}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("built", "most"), [(Delivery, 8), (Refresher, 8), (Registrar, 8), (StatusReport, 8)])
def test_what_works_beside_the_gate_is_built_from_few_parts(built: type, most: int) -> None:
    assert len(inspect.signature(built).parameters) <= most


def test_no_default_and_no_callback_is_a_function_that_does_nothing() -> None:
    assert {name: found for name, tree in TREES.items() if (found := list(stand_ins(tree)))} == {}


def test_nothing_in_the_app_finishes_an_object_of_somebody_else() -> None:
    app = {name: tree for name, tree in TREES.items() if name.startswith("app/")}
    assert len(app) > 5
    assert {name: found for name, tree in app.items() if (found := list(foreign_assignments(tree)))} == {}


def test_every_thread_of_a_gate_is_a_service_thread() -> None:
    starts = {
        name
        for name, tree in TREES.items()
        if any(
            (isinstance(node, ast.Attribute) and node.attr in STARTERS)
            or (isinstance(node, ast.alias) and node.name in STARTERS)
            for node in ast.walk(tree)
        )
    }
    assert starts == {"threads.py"} | THREADS_OF_OTHERS


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("def f(hear=lambda: None): ...", 1),
        ("def f(judged=lambda at: at): ...", 1),
        ("self.adopt = lambda _policy: 0", 1),
        ("def _nothing() -> None:\n    pass\ndef f(told=_nothing): ...", 1),
        ("def _never():\n    '''Return no.'''\n    return False\nasked = _never if x else y", 1),
        ("def menu():\n    return b'https://example.vn'\nprint(menu())", 0),
        ("class Events:\n    def heard(self):\n        '''Hear.'''\n", 0),
        ("def f(chance=lambda: random()): ...", 0),
        ("def f(part=lambda at: at.wall_ms): ...", 0),
    ],
)
def test_a_function_that_does_nothing_is_told_from_one_that_does(text: str, count: int) -> None:
    assert len(list(stand_ins(ast.parse(text)))) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("gate.asker = None", 1),
        ("gate.policy, x = 1, 2", 1),
        ("self.report.resting = f", 1),
        ("gate.rows += 1", 1),
        ("gate.room: int = 1", 1),
        ("setattr(gate, 'room', 1)", 1),
        ("self.report = f\nx = gate.room\nx: int = 3\nparts['a'] = gate.room", 0),
    ],
)
def test_an_object_of_somebody_else_is_told_from_ones_own(text: str, count: int) -> None:
    assert len(list(foreign_assignments(ast.parse(text)))) == count
