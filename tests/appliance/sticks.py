"""What a technician may have on a stick: bundles that a gate may take, and some that nobody may."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
Run = Callable[..., str]


def openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def pack(folder: Path, archive: Path) -> None:
    with tarfile.open(archive, "w") as packed:
        packed.add(folder, folder.name)


def sign(folder: Path, key: Path) -> None:
    """Write the hash list of a bundle anew, and sign it."""
    names = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("SHA256SUMS"))
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  ./{path.relative_to(folder)}\n" for path in names]
    (folder / "SHA256SUMS").write_text("".join(lines))
    openssl(
        *("pkeyutl", "-sign", "-inkey", key, "-rawin", "-in", folder / "SHA256SUMS"),
        *("-out", folder / "SHA256SUMS.sig"),
    )


SWITCH = """
import os
if os.path.exists("/run/gate-broken"):
    raise RuntimeError("this version is broken")
"""
BLIND = """
import os
if os.path.exists("/run/gate-blind"):
    raise RuntimeError("this version is blind")
"""


def extend_modules(folder: Path, **texts: str) -> None:
    """Put a text at the end of some modules of the bundle's own wheel, and call the version 0.2.0."""
    (wheel,) = (folder / "wheels").glob("gate_scanner-*.whl")
    with zipfile.ZipFile(wheel) as whole:
        contents = {name: whole.read(name) for name in whole.namelist()}
    for module, text in texts.items():
        contents[f"device/{module}.py"] += text.encode()
    with zipfile.ZipFile(wheel, "w") as changed:
        for name, content in contents.items():
            changed.writestr(name, content)
    (folder / "CONTENT").write_text("0.2.0-next\n")


def put_bundles(beside: Path, run: Run, arch: str) -> None:
    """Lay down what a technician may have on a stick: a bundle, the next version, and two that nobody may take.

    The next version works until a file says that it does not.
    """
    key, stranger = beside / "update.key", beside / "stranger.key"
    for made in (key, stranger):
        openssl("genpkey", "-algorithm", "ed25519", "-out", made)
    run(CHECKOUT / "setup.sh", "bundle", "--key", key, "--arch", arch, "--out", beside)
    (archive,) = beside.glob("gate-scanner-*.tar")
    archive.rename(beside / "good.tar")
    run("tar", "-C", beside, "-xf", beside / "good.tar")
    (folder,) = beside.glob("gate-scanner-*")
    extend_modules(folder, **{"app/service": SWITCH, "decoder/engines": BLIND})
    sign(folder, key)
    pack(folder, beside / "next.tar")
    sign(folder, stranger)
    pack(folder, beside / "stranger.tar")
    (folder / "SHA256SUMS.sig").unlink()
    pack(folder, beside / "unsigned.tar")
    shutil.rmtree(folder)
