from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.support.children import surroundings

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
WITHOUT = """
import sys
from importlib.metadata import distribution
from tests.bench.__main__ import whole_parser

for name in sys.argv[1:]:
    for file in distribution(name).files or ():
        if file.suffix == ".py" and ".." not in file.parts:
            sys.modules[file.parts[0].removesuffix(".py")] = None
whole_parser()
"""


def packages(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+)==", (REQUIREMENTS / name).read_text("utf-8"), re.MULTILINE))


def test_every_benchmark_runs_with_what_a_hub_has_for_that_is_all_setup_sh_gives_it() -> None:
    missing = sorted(packages("dev.txt") - packages("hub.txt") - {"colorama"})  # which only Windows has
    assert "pytest" in missing
    done = subprocess.run([sys.executable, "-c", WITHOUT, *missing], env=surroundings(), check=False, timeout=60)
    assert done.returncode == 0
