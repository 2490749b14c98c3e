"""One tree of errors: every public exception class of the package stands in `device.errors`, which draws the tree."""

from __future__ import annotations

import ast
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import device
from device import errors

MODULES = sorted(
    found.name for found in pkgutil.walk_packages(device.__path__, "device.") if "__main__" not in found.name
)
BRANCH = re.compile(r"^ {4}(?P<lead>[│├└─ ]*)(?P<name>[A-Z]\w*)")


def exceptions_of(module: ModuleType) -> list[type[BaseException]]:
    """Return the exception classes that *module* itself defines."""
    own = [thing for thing in vars(module).values() if isinstance(thing, type) and thing.__module__ == module.__name__]
    return [thing for thing in own if issubclass(thing, BaseException)]


def private_exceptions_of(module: ModuleType) -> set[str]:
    """Return the names of the exceptions that *module* defines for itself."""
    return {one.__name__ for one in exceptions_of(module) if one.__name__.startswith("_")}


def parents_in(text: str) -> dict[str, str]:
    """Return the parent of each name of a drawn tree; that of the top is ``Exception``."""
    parents: dict[str, str] = {}
    line = ["Exception"]
    for found in filter(None, map(BRANCH.match, text.splitlines())):
        del line[len(found["lead"]) // 4 + 1 :]
        parents[found["name"]] = line[-1]
        line.append(found["name"])
    return parents


def caught_in(module: ModuleType) -> set[str]:
    """Return the names of the exceptions that *module* catches."""
    assert module.__file__ is not None
    handlers = [
        node for node in ast.walk(ast.parse(Path(module.__file__).read_bytes())) if isinstance(node, ast.ExceptHandler)
    ]
    types = [name for handler in handlers if handler.type for name in ast.walk(handler.type)]
    return {name.id for name in types if isinstance(name, ast.Name)}


def test_every_public_exception_of_the_package_stands_in_the_tree() -> None:
    found = {f"{one.__module__}.{one.__name__}" for name in MODULES for one in exceptions_of(import_module(name))}
    public = {name for name in found if not name.rpartition(".")[2].startswith("_")}
    assert {name for name in public if not name.startswith("device.errors.")} == set()
    assert len(public) > 20


def test_a_private_exception_is_caught_in_its_own_module() -> None:
    uncaught = {
        name: lost
        for name in MODULES
        if (lost := private_exceptions_of(module := import_module(name)) - caught_in(module))
    }
    assert uncaught == {}


def test_the_docstring_draws_exactly_the_classes_there_are_each_below_its_parent() -> None:
    assert errors.__doc__ is not None
    bases = {one.__name__: one.__bases__ for one in exceptions_of(errors)}
    assert {len(its) for its in bases.values()} == {1}
    assert parents_in(errors.__doc__) == {one: its[0].__name__ for one, its in bases.items()}


def test_a_drawn_tree_is_read_level_by_level() -> None:
    drawn = """Words.

    Top
    ├── Left       of it
    │   └── Below
    │       └── Deep
    └── Right
        └── Last  one
    """
    told = {"Top": "Exception", "Left": "Top", "Below": "Left", "Deep": "Below", "Right": "Top", "Last": "Right"}
    assert parents_in(drawn) == told


def test_an_exception_that_stands_elsewhere_would_be_seen() -> None:
    module = ModuleType("elsewhere")
    module.__dict__.update(
        Lost=type("Lost", (ValueError,), {"__module__": "elsewhere"}),
        Found=type("Found", (), {"__module__": "elsewhere"}),
        WireError=errors.WireError,
    )
    assert [one.__name__ for one in exceptions_of(module)] == ["Lost"]
