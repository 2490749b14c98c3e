"""Floors: which folder of ``device/`` may import which, where the hardware libraries live, and how large the house is.

``python -m tests.test_floors`` writes the table into DECISIONS.md and draws ``tests/floors.svg`` anew.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.floor_plan import picture, table
from tests.support.on_a_gate import NOT_ON_A_GATE, left_out

FLOORS = (
    "words",
    "errors clock durable",
    "model strict_json threads",
    "ports credential crypto decoder indicator",
    "camera monitor policy wire",
    "enrolment eye gate store",
    "settings trust uplink",
    "sync hub",
    "app",
    "doctor",
    "demo",
    "cli",
    "__main__",
)
"""From the ground up; a folder, or a module that stands alone, imports only from lower floors and from itself."""
FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names.split()}
HARDWARE = {"picamera2", "libcamera", "gpiozero", "lgpio", "pyzbar", "zxingcpp"}
DEVICE = Path(__file__).parent.parent / "device"
DECISIONS = DEVICE.parent / "DECISIONS.md"
PICTURE = Path(__file__).parent / "floors.svg"
NOT_FOR_THE_HUB = ("device.store", "device.uplink", "device.gate", "device.eye", "device.sync")
"""Folders of a gate, on lower floors, that a hub has no use for."""
MOST_LINES_ON_A_GATE = 31_000
"""Of code: the dictionaries are counted by nobody."""
DICTIONARIES = DEVICE / "words" / "vietnamese"
BUILDERS = {"app", "doctor", "demo", "cli"}
"""They tie everything together: what they import is not counted."""
FOR_ALL = {"words"}
"""A sentence may be said anywhere: importing this is not counted."""
MOST_ARROWS = 95
MOST_LOOSE_MODULES = 7
SOURCES = [path for path in sorted(DEVICE.rglob("*.py")) if path != DEVICE / "__init__.py"]


def room(path: Path) -> str:
    """Return the name of the module or package right under ``device/``."""
    return path.relative_to(DEVICE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> list[str]:
    """Return every dotted name imported anywhere in *tree*, under TYPE_CHECKING too."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def run_at_import(tree: ast.Module) -> list[str]:
    """Return what *tree* imports when it is itself imported: all but functions and TYPE_CHECKING."""
    lazy = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    eager = [node for node in ast.walk(tree) if id(node) not in lazy and isinstance(node, (ast.Import, ast.ImportFrom))]
    return imports(ast.Module(body=list(eager), type_ignores=[]))


def wrong_way(own: str, imported: list[str]) -> list[str]:
    """Return which of *imported* a module of the room *own* may not import."""
    inner = [
        name for name in imported if name.split(".")[0] == "device" and name not in {"device", "device.__version__"}
    ]
    rooms = {name: (*name.split("."), "device itself")[1] for name in inner}
    return [
        name for name, other in rooms.items() if other != own and FLOOR.get(other, len(FLOORS)) >= FLOOR.get(own, -1)
    ]


def test_every_module_has_a_floor() -> None:
    assert {room(path) for path in SOURCES} <= set(FLOOR)


def test_a_module_imports_only_from_lower_floors_or_its_own_package() -> None:
    wrong = {str(path): wrong_way(room(path), imports(ast.parse(path.read_bytes()))) for path in SOURCES}
    assert {path: names for path, names in wrong.items() if names} == {}


def test_each_hardware_library_is_imported_in_one_file_only() -> None:
    where = defaultdict(set)
    for path in SOURCES:
        for name in imports(ast.parse(path.read_bytes())):
            if (library := name.split(".")[0]) in HARDWARE:
                where[library].add(path.relative_to(DEVICE).as_posix())
    assert {library: files for library, files in where.items() if len(files) > 1} == {}


def test_no_hardware_library_is_loaded_by_importing_a_module() -> None:
    eager = {str(path): run_at_import(ast.parse(path.read_bytes())) for path in SOURCES}
    assert {p: n for p, names in eager.items() if (n := [x for x in names if x.split(".")[0] in HARDWARE])} == {}


def test_an_import_of_an_upper_floor_or_of_a_neighbour_would_be_seen() -> None:
    assert wrong_way("policy", ["device.gate.scan", "device.model.cue.Cue", "device.policy.cues"]) == [
        "device.gate.scan"
    ]
    assert wrong_way("credential", ["device.uplink.retry.RetryAction"]) == ["device.uplink.retry.RetryAction"]
    assert wrong_way("policy", ["device.nowhere"]) == ["device.nowhere"]
    assert wrong_way("clock", ["device.errors.WireError"]) == ["device.errors.WireError"]


def test_a_lazy_import_is_told_from_one_that_runs() -> None:
    text = "import os\nif TYPE_CHECKING:\n    import lgpio\ndef look():\n    import pyzbar\nif True:\n    import numpy"
    assert run_at_import(ast.parse(text)) == ["os", "numpy"]
    assert set(imports(ast.parse(text))) == {"os", "lgpio", "pyzbar", "numpy"}


def test_few_modules_stand_outside_a_folder() -> None:
    loose = {path.name for path in DEVICE.glob("*.py")} - {"__init__.py", "__main__.py"}
    assert len(loose) <= MOST_LOOSE_MODULES, sorted(loose)


def test_few_arrows_lead_from_folder_to_folder() -> None:
    arrows = {
        (own, name.split(".")[1])
        for path in SOURCES
        if (own := room(path)) not in BUILDERS | {"__main__"}
        for name in imports(ast.parse(path.read_bytes()))
        if name.startswith("device.") and name.split(".")[1] not in {own, "__version__", *FOR_ALL}
    }
    assert len(arrows) <= MOST_ARROWS, sorted(arrows)


def test_what_is_installed_on_a_gate_stays_small() -> None:
    code = [path for path in SOURCES if not left_out(path) and path.parent != DICTIONARIES]
    assert sum(path.read_bytes().count(b"\n") for path in code) <= MOST_LINES_ON_A_GATE


def test_what_is_not_on_a_gate_is_what_the_installer_takes_away() -> None:
    installer = (DEVICE.parent / "systemd" / "install.sh").read_text(encoding="utf-8")
    taken = ",".join(pattern.removesuffix("/*") for pattern in NOT_ON_A_GATE)
    assert f"/site-packages/device/{{{taken}}}\n" in installer


def test_only_their_own_commands_import_what_is_not_on_a_gate() -> None:
    importing = {
        path.relative_to(DEVICE).as_posix()
        for path in SOURCES
        if not left_out(path)
        for name in imports(ast.parse(path.read_bytes()))
        if name.startswith(("device.hub.", "device.demo.", "device.cli.hub_"))
    }
    assert importing == {"cli/check.py", "cli/demo.py", "cli/hub.py"}  # the first only where a hub is


def test_the_hub_imports_nothing_of_a_gates_store_or_uplink() -> None:
    assert "hub" in FLOOR
    found = {
        f"{path.name}: {name}"
        for path in SOURCES
        if room(path) == "hub"
        for name in imports(ast.parse(path.read_bytes()))
        if name.startswith(NOT_FOR_THE_HUB)
    }
    assert found == set()


def test_decisions_has_the_table_and_the_picture_of_these_floors() -> None:
    assert table(FLOORS[:-1]) in DECISIONS.read_text("utf-8"), "stale: python -m tests.test_floors"
    assert PICTURE.read_text("utf-8") == picture(FLOORS[:-1], DEVICE), "stale: python -m tests.test_floors"


@pytest.mark.parametrize("folder", sorted(path.name for path in DEVICE.iterdir() if (path / "__init__.py").exists()))
def test_decisions_has_a_paragraph_for_each_folder(folder: str) -> None:
    assert f"\n**`{folder}/`** " in DECISIONS.read_text("utf-8")


if __name__ == "__main__":
    before, _, after = DECISIONS.read_text("utf-8").partition("| floor |")
    rest = after.partition("\n\n")[2]
    DECISIONS.write_text(f"{before}{table(FLOORS[:-1])}\n{rest}", "utf-8")
    PICTURE.write_text(picture(FLOORS[:-1], DEVICE), "utf-8")
