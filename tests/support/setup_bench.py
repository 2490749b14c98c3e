"""``setup.sh`` with recorders in place of Python, apt, sudo and systemctl: nothing leaves a temporary folder."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
NEEDED = ("setup.sh", "pyproject.toml", "README.md", "LICENSE")
FOLDERS = ("requirements", "systemd", "config")
STEPS = ("ok ", "changed ", "skipped ", "would ")

# It answers questions with FAKE_MISSING's exit code, makes an "environment" of copies of itself, and
# writes down every other call.
PYTHON = r"""#!/bin/sh
case "$1" in
  -V) echo "Python 3.11.2"; exit 0 ;;
  -c) case "$2" in *version_info*) exit 0 ;; *) exit "${FAKE_MISSING:-0}" ;; esac ;;
esac
echo "python $*" >> "$RECORD"
case "$*" in
  *"-m venv"*) for folder; do :; done; mkdir -p "$folder/bin"; cp "$0" "$folder/bin/python" ;;
  *"pip -q wheel"*)
    while [ "$1" != -w ]; do shift; done
    touch "$2/gate_scanner-0.1.0-py3-none-any.whl" ;;
  *"pip install"*"--no-deps --no-index"*)
    [ -z "${FAKE_CTRL_C:-}" ] || kill -INT $PPID
    [ -z "${FAKE_PIP_BREAKS:-}" ] || exit 1
    bin=$(dirname "$0")
    device="$bin/../lib/python3.11/site-packages/device"
    words=words/vietnamese
    for file in clock.py hub/serve.py demo/show.py cli/hub.py cli/hub_gates.py \
      $words/hub.py $words/hub_lists.py $words/demo.py $words/gate.py; do
      mkdir -p "$(dirname "$device/$file")"; touch "$device/$file"
    done
    cp "$COMMAND" "$bin/gate-scanner" ;;
esac
"""
COMMAND = '#!/bin/sh\necho "gate-scanner $*" >> "$RECORD"\necho "visitors: $*"\nexit "${FAKE_EXIT:-0}"\n'
RECORDER = '#!/bin/sh\necho "$(basename "$0") $*" >> "$RECORD"\nexit {code}\n'


@dataclass
class Bench:
    """A copy of the checkout, a folder of pretended commands, and what they were called with."""

    checkout: Path
    commands: Path
    record: Path
    environment: dict[str, str]

    def run(self, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        """Run ``setup.sh``; *more* goes into its environment."""
        return subprocess.run(
            [self.checkout / "setup.sh", *arguments],
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def pretend(self, name: str, text: str) -> None:
        (self.commands / name).write_text(text)
        (self.commands / name).chmod(0o755)

    def calls(self) -> list[str]:
        """Return what the pretended commands were called with since the last look."""
        text = self.record.read_text() if self.record.exists() else ""
        self.record.unlink(missing_ok=True)
        return text.splitlines()


def make_bench(tmp_path: Path) -> Bench:
    """A bench on which apt, sudo and systemctl record, and the caller is no root."""
    checkout, commands = tmp_path / "checkout", tmp_path / "commands"
    (checkout / "device").mkdir(parents=True)
    commands.mkdir()
    for name in NEEDED:
        shutil.copy(CHECKOUT / name, checkout / name)
    for name in FOLDERS:
        shutil.copytree(CHECKOUT / name, checkout / name)
    (checkout / "device/__init__.py").write_text('__version__ = "0.1.0"\n')
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{commands}:/usr/bin:/bin:/usr/sbin:/sbin",
        "RECORD": str(tmp_path / "record"),
        "SETUP_PYTHON": str(commands / "python"),
        "COMMAND": str(commands / "gate-scanner"),
        "SETUP_POSTGRESQL": str(tmp_path / "postgresql"),
        "SETUP_FONTS": str(tmp_path / "fonts"),
    }
    font = tmp_path / "fonts/DejaVuSans-Bold.ttf"
    font.parent.mkdir(parents=True)
    font.touch()
    server = tmp_path / "postgresql/15/bin/initdb"
    server.parent.mkdir(parents=True)
    server.touch()
    made = Bench(checkout, commands, tmp_path / "record", environment)
    made.pretend("python", PYTHON)
    made.pretend("gate-scanner", COMMAND)
    made.pretend("id", "#!/bin/sh\necho 1000\n")
    for name in ("apt-get", "apt-cache", "systemctl", "systemd-sysusers", "systemd-tmpfiles"):
        made.pretend(name, RECORDER.format(code=0))
    made.pretend("sudo", '#!/bin/sh\necho "sudo $*" >> "$RECORD"\n[ "$1" != -n ] || shift\nexec "$@"\n')
    return made


def files(folder: Path) -> dict[str, bytes | str]:
    """Return everything below *folder*: contents of files, targets of links."""
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def steps(run: subprocess.CompletedProcess[str], state: str) -> list[str]:
    """Return the texts of the steps that ended in *state*."""
    lines = (run.stdout + run.stderr).splitlines()
    return [line.split(maxsplit=1)[1] for line in lines if line.startswith(state + " ")]


def new_key(bench: Bench, name: str = "update.key") -> Path:
    key = bench.record.with_name(name)
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
    return key
