"""``setup.sh`` with recorders in place of Python, apt, sudo and systemctl: nothing leaves a temporary folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.setup_bench import (
    CHECKOUT,
    PYTHON,
    RECORDER,
    STEPS,
    Bench,
    files,
    make_bench,
    new_key,
    steps,
)

NOT_COPIED = shutil.ignore_patterns("__pycache__")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def test_help_names_every_command(bench: Bench) -> None:
    run = bench.run("help")
    assert run.returncode == 0
    assert [
        f"./setup.sh {name}" in run.stdout
        for name in (*("demo", "test", "install", "upgrade", "rollback", "uninstall", "bundle", "lock"),)
    ] == [True] * 8
    assert bench.run().stdout == run.stdout


def test_an_unknown_command_or_option_ends_with_2_and_says_which(bench: Bench) -> None:
    assert bench.run("dmeo").returncode == 2
    assert "unknown command dmeo" in bench.run("dmeo").stderr
    run = bench.run("install", "--dryrun")
    assert (run.returncode, "unknown option --dryrun" in run.stderr) == (2, True)
    assert bench.run("install", "--root").returncode == 2
    assert bench.calls() == []


def test_the_demo_makes_its_environment_from_the_lock_with_hashes_and_nothing_from_source(bench: Bench) -> None:
    run = bench.run("demo")
    assert run.returncode == 0, run.stderr
    environment, lock = bench.checkout / ".venv-demo", bench.checkout / "requirements/hub.txt"
    assert bench.calls() == [
        f"python -m venv --clear {environment}",
        f"python -m pip install -q --require-hashes --no-deps --only-binary :all: -r {lock}",
        f"python -m pip install -q --no-deps --no-index --no-build-isolation --editable {bench.checkout}",
        "python -m pip check",
        "gate-scanner demo",
    ]


def test_the_demo_passes_its_options_on_and_gives_back_its_exit_code(bench: Bench) -> None:
    run = bench.run("demo", "--images", "a folder", "--json", FAKE_EXIT="3")
    assert run.returncode == 3
    assert bench.calls()[-1] == "gate-scanner demo --images a folder --json"


def test_only_the_demo_itself_speaks_on_stdout(bench: Bench) -> None:
    assert bench.run("demo", "--json").stdout == "visitors: demo --json\n"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["demo", "--bogus"], 2, "unrecognized arguments: --bogus"),
        (["demo", "--rounds", "0"], 2, "--rounds"),
        (["demo", "--help"], 0, "usage: "),
        (["bench", "nothing"], 2, "setup.sh: nothing: no such benchmark; there are: camera decode "),
    ],
    ids=range(4),
)
def test_a_wrong_word_is_refused_before_anything_is_made(bench: Bench, words: list[str], code: int, told: str) -> None:
    for folder in "device", "tests":
        shutil.copytree(CHECKOUT / folder, bench.checkout / folder, ignore=NOT_COPIED, dirs_exist_ok=True)
    run = bench.run(*words, SETUP_PYTHON=sys.executable)
    assert (run.returncode, told in run.stdout + run.stderr) == (code, True)
    assert list(bench.checkout.glob(".venv*")) == []
    assert list(bench.checkout.rglob("__pycache__")) == []


def test_ctrl_c_while_pip_works_is_told_in_a_plain_sentence(bench: Bench) -> None:
    run = bench.run("demo", FAKE_CTRL_C="1", FAKE_PIP_BREAKS="1")
    assert run.returncode == 130
    assert run.stderr.splitlines()[-1] == "setup.sh: stopped; the same again goes on from here"
    assert "this failed" not in run.stderr
    assert bench.run("demo").returncode == 0


def test_a_second_demo_makes_nothing(bench: Bench) -> None:
    bench.run("demo")
    bench.calls()
    run = bench.run("demo")
    assert bench.calls() == ["gate-scanner demo"]
    assert steps(run, "changed") == []
    assert len(steps(run, "ok")) == 3


def test_a_changed_lock_makes_the_environment_anew(bench: Bench) -> None:
    bench.run("demo")
    bench.calls()
    with (bench.checkout / "requirements/hub.txt").open("a") as lock:
        lock.write("\n")
    bench.run("demo")
    assert bench.calls()[0] == f"python -m venv --clear {bench.checkout}/.venv-demo"


def test_an_environment_that_was_left_half_made_is_made_anew(bench: Bench) -> None:
    assert bench.run("demo", FAKE_PIP_BREAKS="1").returncode != 0
    assert [line for line in bench.calls() if line.startswith("gate-scanner")] == []
    assert bench.run("demo").returncode == 0
    assert bench.calls()[-1] == "gate-scanner demo"


def test_missing_system_packages_come_from_apt_by_sudo(bench: Bench) -> None:
    run = bench.run("demo", FAKE_MISSING="1")
    assert run.returncode == 0, run.stderr
    installs = [line for line in bench.calls() if line.startswith("apt-get") and " install " in line]
    assert len(installs) == 1
    assert installs[0].endswith("--no-install-recommends install python3-venv libzbar0 libseccomp2")


def test_without_sudo_the_demo_prints_the_one_apt_line_and_ends_with_1(bench: Bench) -> None:
    bench.pretend("sudo", RECORDER.format(code=1))
    run = bench.run("demo", FAKE_MISSING="1")
    assert run.returncode == 1
    assert run.stderr == (
        "setup.sh: system packages are missing; as root, run: "
        "apt-get update && apt-get install -y python3-venv libzbar0 libseccomp2\n"
    )
    assert bench.calls() == ["sudo -n true"]


def test_under_sudo_the_environment_and_the_demo_are_the_callers(bench: Bench) -> None:
    bench.pretend("id", "#!/bin/sh\necho 0\n")
    bench.pretend("setpriv", '#!/bin/sh\necho "setpriv $1 $2 $3 $4 $6" >> "$RECORD"\nshift 6\nexec env "$@"\n')
    bench.run("demo", FAKE_MISSING="1", SUDO_UID="1", SUDO_GID="1", SUDO_USER="daemon")
    calls = bench.calls()
    ours = [number for number, line in enumerate(calls) if line.startswith(("python", "gate-scanner"))]
    assert len(ours) == 5
    assert {calls[number - 1] for number in ours} == {"setpriv --reuid 1 --regid 1 env"}
    assert [line for line in calls if line.startswith("sudo")] == []


def test_nothing_is_made_on_a_32_bit_system_and_one_line_says_why(bench: Bench) -> None:
    bench.pretend("getconf", "#!/bin/sh\necho 32\n")
    for command in ("demo", "test", "install"):
        run = bench.run(command, *(["--dry-run"] if command == "install" else []))
        assert run.returncode == 1
        assert "32-bit" in run.stderr
        assert len(run.stderr.splitlines()) == 1
    assert bench.calls() == []


CHECKS = ["ruff format --check", "ruff check", "mypy --strict", "shellcheck -xa setup.sh .ci/run"]
REPORT = """\
Name  Stmts  Miss Branch BrPart  Cover
---------------------------------
device/one.py 8 4 2 2 50.0%
device/two.py 8 3 2 2 60.0%
device/three.py 8 2 2 2 70.0%
device/four.py 8 1 2 2 80.0%
device/five.py 8 1 2 1 81.0%
device/six.py 8 0 2 1 91.0%
---------------------------------
TOTAL 48 11 12 10 75.0%
Coverage failure: total of 75.0 is less than fail-under=92.0
"""


def pretend_tools(bench: Bench, **codes: int) -> None:
    """Pretend all that a test run starts, each with its exit code or 0, and what shellcheck looks at."""
    bench.pretend("uname", "#!/bin/sh\necho x86_64\n")
    for name in ("strace", "ruff", "mypy", "shellcheck", "pytest", "coverage"):
        bench.pretend(name, RECORDER.format(code=codes.get(name, 0)))
    (bench.checkout / ".ci").mkdir()
    (bench.checkout / ".ci/run").touch()
    (bench.checkout / "tests").mkdir()


def test_the_tests_run_every_check_and_name_those_that_failed(bench: Bench) -> None:
    pretend_tools(bench, ruff=1, pytest=5)
    run = bench.run("test", "-k", "one thing")
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == "setup.sh: failed: ruff format,ruff check,pytest"
    assert [line for line in bench.calls() if not line.startswith("python")] == [*CHECKS, "pytest -k one thing"]


def test_a_whole_test_run_takes_every_core_and_counts_what_of_the_program_was_run(bench: Bench) -> None:
    pretend_tools(bench)
    assert bench.run("test").returncode == 0
    assert [line for line in bench.calls() if not line.startswith("python")] == [
        *CHECKS,
        "coverage erase",
        "coverage run -m pytest -n auto --dist loadfile",
        "coverage combine -q",
        "coverage report --sort=cover",
    ]


def test_a_whole_run_names_the_five_files_with_the_least_coverage_and_fails_below_the_bound(bench: Bench) -> None:
    pretend_tools(bench)
    told = f'#!/bin/sh\n[ "$1" != report ] || {{ cat <<"TEXT"\n{REPORT}TEXT\nexit 2; }}\n'
    bench.pretend("coverage", told)
    run = bench.run("test")
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == "setup.sh: failed: coverage"
    said = REPORT.splitlines()
    assert run.stdout.splitlines()[-9:] == [*said[:7], *said[-2:]]


def test_strace_comes_from_apt_before_the_tests(bench: Bench, tmp_path: Path) -> None:
    without = tmp_path / "without strace"
    without.mkdir()
    for program in (*Path("/usr/bin").iterdir(), *Path("/bin").iterdir()):
        if program.name != "strace" and not (without / program.name).exists():
            (without / program.name).symlink_to(program)
    for name in ("ruff", "mypy", "shellcheck", "pytest", "coverage"):
        bench.pretend(name, RECORDER.format(code=0))
    bench.run("test", PATH=f"{bench.commands}:{without}")
    installs = [line for line in bench.calls() if line.startswith("apt-get") and " install " in line]
    assert [line.split()[-1] for line in installs] == ["strace"]


def test_the_databases_server_comes_from_apt_and_is_told_to_make_no_database_meanwhile(bench: Bench) -> None:
    pretend_tools(bench)
    bench.pretend("id", "#!/bin/sh\necho 1000\n")
    bench.pretend("sh", RECORDER.format(code=0))
    bench.pretend("rm", RECORDER.format(code=0))
    run = bench.run("test", SETUP_POSTGRESQL=str(bench.checkout / "none"))
    assert run.returncode == 0, run.stderr
    conf = "/etc/postgresql-common/createcluster.d/gate-scanner.conf"
    ours = ("sh -c", "rm -f", "apt-get")
    assert [line for line in bench.calls() if line.startswith(ours)] == [
        f"sh -c mkdir -p {conf.rpartition('/')[0]} && echo create_main_cluster = false >{conf}",
        "apt-get -q -o DPkg::Lock::Timeout=120 update",
        "apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends install postgresql",
        f"rm -f {conf}",
    ]
    assert "changed  system packages: postgresql\n" in run.stdout


def test_the_letters_of_posters_come_from_apt(bench: Bench) -> None:
    pretend_tools(bench)
    bench.pretend("id", "#!/bin/sh\necho 1000\n")
    run = bench.run("test", SETUP_FONTS=str(bench.checkout / "none"))
    assert run.returncode == 0, run.stderr
    assert "changed  system packages: fonts-dejavu-core\n" in run.stdout


def test_who_may_not_install_is_told_one_line_that_makes_no_database(bench: Bench) -> None:
    pretend_tools(bench)
    bench.pretend("sudo", RECORDER.format(code=1))
    run = bench.run("test", SETUP_POSTGRESQL=str(bench.checkout / "none"))
    conf = "/etc/postgresql-common/createcluster.d/gate-scanner.conf"
    assert run.returncode == 1
    assert run.stderr == (
        f"setup.sh: system packages are missing; as root, run: mkdir -p {conf.rpartition('/')[0]} && "
        f"echo create_main_cluster = false >{conf} && apt-get update && apt-get install -y postgresql; rm -f {conf}\n"
    )


def test_ci_runs_exactly_the_tests() -> None:
    script = (CHECKOUT / ".ci/run").read_text()
    assert [line.strip().partition(">")[0].strip() for line in script.splitlines() if '"$setup"' in line] == [
        '"$setup" test --collect-only -q',
        '"$setup" test --appliance --build',
        '"$setup" test',
        '"$setup" test',
        '"$setup" test --browser',
        '"$setup" test --appliance',
    ]
    assert "set -e" in script


def test_an_installation_ends_in_a_current_version_a_command_a_unit_and_a_site_file(
    bench: Bench, tmp_path: Path
) -> None:
    root = tmp_path / "pi"
    run = bench.run("install", "--root", root)
    assert run.returncode == 0, run.stderr
    base = root / "opt/gate-scanner"
    version = (base / "current").readlink()
    assert str(version).startswith("versions/0.1.0-")
    assert (base / "current/bin/gate-scanner").exists()
    assert (base / "current/complete").exists()
    assert (root / "usr/local/bin/gate-scanner").readlink() == Path("/opt/gate-scanner/current/bin/gate-scanner")
    assert (root / "etc/gate-scanner/site.yaml").read_bytes() == (CHECKOUT / "config/minimal.yaml").read_bytes()
    unit = root / "etc/systemd/system/gate-scanner.service"
    assert unit.read_bytes() == (CHECKOUT / "systemd/gate-scanner.service").read_bytes()
    calls = bench.calls()
    assert calls[0] == f"python -m venv --clear --system-site-packages {base}/{version}"
    assert calls[1].endswith(f"--require-hashes --no-deps --only-binary :all: -r {bench.checkout}/requirements/pi.txt")
    assert [line for line in calls if not line.startswith("python")] == ["gate-scanner completion bash"]
    completed = root / "usr/local/share/bash-completion/completions/gate-scanner"
    assert completed.read_text() == "visitors: completion bash\n"


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ((), {"clock.py", "cli/hub.py", "words/vietnamese/gate.py"}),
        (
            ("--hub", "hub.example.vn"),
            {"clock.py", "hub/serve.py", "demo/show.py", "cli/hub.py", "cli/hub_gates.py"}
            | {f"words/vietnamese/{name}.py" for name in ("hub", "hub_lists", "demo", "gate")},
        ),
    ],
)
def test_a_gate_is_installed_without_the_hub_and_the_demo(
    bench: Bench, tmp_path: Path, words: tuple[str, ...], left: set[str]
) -> None:
    root = tmp_path / "pi"
    assert bench.run("install", *words, "--root", root).returncode == 0
    (package,) = root.glob("opt/*/versions/*/lib/python3.11/site-packages/device")
    assert {str(path.relative_to(package)) for path in package.rglob("*.py")} == left


def test_a_second_installation_changes_nothing(bench: Bench, tmp_path: Path) -> None:
    root = tmp_path / "pi"
    bench.run("install", "--root", root)
    before, _ = files(root), bench.calls()
    run = bench.run("install", "--root", root)
    assert run.stdout.splitlines()[-2].startswith("install: 0 changed, ")
    assert files(root) == before
    assert bench.calls() == []


def test_an_edited_site_file_is_never_overwritten(bench: Bench, tmp_path: Path) -> None:
    site = tmp_path / "pi/etc/gate-scanner/site.yaml"
    bench.run("install", "--root", tmp_path / "pi")
    site.write_text("place: {name: Chợ Bến Thành}\n")
    run = bench.run("install", "--root", tmp_path / "pi")
    assert site.read_text() == "place: {name: Chợ Bến Thành}\n"
    assert "edit /etc" not in run.stdout


def test_a_changed_checkout_becomes_current_and_the_version_before_stays_and_no_other(
    bench: Bench, tmp_path: Path
) -> None:
    base = tmp_path / "pi/opt/gate-scanner"
    seen = []
    for text in ("one", "two", "three"):
        (bench.checkout / "device/clock.py").write_text(f'"""{text}"""\n')
        assert bench.run("install", "--root", tmp_path / "pi").returncode == 0
        seen.append((base / "current").readlink())
    assert len(set(seen)) == 3
    assert (base / "previous").readlink() == seen[1]
    assert {path.name for path in (base / "versions").iterdir()} == {seen[1].name, seen[2].name}


def test_a_version_that_could_not_be_made_never_becomes_current(bench: Bench, tmp_path: Path) -> None:
    base = tmp_path / "pi/opt/gate-scanner"
    assert bench.run("install", "--root", tmp_path / "pi", FAKE_PIP_BREAKS="1").returncode != 0
    assert not (base / "current").is_symlink()
    assert bench.run("install", "--root", tmp_path / "pi").returncode == 0
    assert (base / "current/bin/gate-scanner").exists()


def test_a_dry_run_says_what_it_would_do_and_does_nothing(bench: Bench, tmp_path: Path) -> None:
    run = bench.run("install", "--dry-run", "--root", tmp_path / "pi")
    assert run.returncode == 0, run.stderr
    assert not (tmp_path / "pi").exists()
    assert bench.calls() == []
    assert steps(run, "changed") == []
    assert "/etc/systemd/system/gate-scanner.service" in steps(run, "would")
    assert "install: 0 changed (" in run.stdout


def test_a_system_without_the_camera_packages_is_told_so_in_one_line(bench: Bench) -> None:
    bench.pretend("apt-cache", RECORDER.format(code=100))
    bench.pretend("dpkg-query", RECORDER.format(code=1))
    run = bench.run("install", "--dry-run")
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
    assert "apt has no python3-picamera2 here: install needs Raspberry Pi OS 12 or 13" in run.stderr


def test_only_root_installs_and_sudo_is_asked_for_it(bench: Bench) -> None:
    bench.pretend("sudo", RECORDER.format(code=0))
    assert bench.run("install").returncode == 0
    assert bench.calls() == [f"sudo {bench.checkout}/setup.sh install"]


def test_uninstalling_keeps_ledger_keys_and_yaml(bench: Bench, tmp_path: Path) -> None:
    root = tmp_path / "pi"
    bench.run("install", "--root", root)
    ledger = root / "var/lib/gate-scanner/ledger.sqlite"
    ledger.parent.mkdir(parents=True)
    ledger.touch()
    assert bench.run("uninstall", "--root", root).returncode == 0
    assert set(files(root)) == {"etc/gate-scanner/site.yaml", "var/lib/gate-scanner/ledger.sqlite"}
    run = bench.run("uninstall", "--root", root)
    assert run.stdout.splitlines()[-1].startswith("uninstall: 0 changed, ")


def test_purging_leaves_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.run("install", "--root", tmp_path / "pi")
    assert bench.run("uninstall", "--purge", "--root", tmp_path / "pi").returncode == 0
    assert files(tmp_path / "pi") == {}


def test_a_rollback_goes_to_the_version_before_and_a_second_one_has_nowhere_to_go(bench: Bench, tmp_path: Path) -> None:
    base, units = tmp_path / "pi/opt/gate-scanner", tmp_path / "pi/etc/systemd/system"
    bench.run("install", "--root", tmp_path / "pi")
    before = (base / "current").readlink()
    with (bench.checkout / "systemd/gate-scanner.service").open("a") as unit:
        unit.write("# of a later version\n")
    assert bench.run("upgrade", "--root", tmp_path / "pi").returncode == 0
    assert (base / "current").readlink() != before
    assert "later" in (units / "gate-scanner.service").read_text()
    kit = tmp_path / "pi/opt/gate-scanner/current/kit/setup.sh"
    run = subprocess.run([kit, "rollback", "--root", tmp_path / "pi"], env=bench.environment, check=False)
    assert run.returncode == 0
    assert (base / "current").readlink() == before
    assert "later" not in (units / "gate-scanner.service").read_text()
    again = bench.run("rollback", "--root", tmp_path / "pi")
    told = f"setup.sh: there is no version before {before.name}: nothing to go back to\n"
    assert (again.returncode, again.stdout, again.stderr) == (1, "", told)


def test_where_nothing_is_installed_there_is_nothing_to_roll_back(bench: Bench, tmp_path: Path) -> None:
    run = bench.run("rollback", "--root", tmp_path / "pi")
    assert (run.returncode, run.stdout, run.stderr) == (1, "", "setup.sh: nothing to go back to\n")


def test_a_hub_is_installed_beside_a_gate_and_each_is_removed_alone(bench: Bench, tmp_path: Path) -> None:
    root = tmp_path / "server"
    bench.run("install", "--root", root)
    before = files(root)
    bench.calls()
    run = bench.run("install", "--hub", "hub.example.vn", "--root", root)
    assert run.returncode == 0, run.stderr
    calls = bench.calls()
    version = (root / "opt/gate-hub/current").readlink()
    assert calls[0] == f"python -m venv --clear {root}/opt/gate-hub/{version}"
    assert calls[1].endswith("requirements/hub.txt")
    unit = root / "etc/systemd/system/gate-hub.service"
    assert unit.read_bytes() == (CHECKOUT / "systemd/gate-hub.service").read_bytes()
    assert (root / "usr/local/bin/gate-scanner").readlink() == Path("/opt/gate-scanner/current/bin/gate-scanner")
    again = bench.run("install", "--hub", "hub.example.vn", "--root", root)
    assert "install: 0 changed, " in again.stdout
    assert bench.run("uninstall", "--hub", "--root", root).returncode == 0
    assert files(root) == before
    bench.run("install", "--hub", "hub.example.vn", "--root", root)
    bench.run("uninstall", "--purge", "--root", root)
    assert unit.exists()
    assert (root / "opt/gate-hub/current/bin/gate-scanner").exists()


def test_an_upgrade_needs_something_to_upgrade_and_install_takes_no_path(bench: Bench, tmp_path: Path) -> None:
    run = bench.run("upgrade", "--root", tmp_path / "pi")
    assert (run.returncode, "nothing is installed yet" in run.stderr) == (1, True)
    assert bench.run("install", "/media/stick", "--root", tmp_path / "pi").returncode == 2
    assert not (tmp_path / "pi").exists()


def bundle_of(bench: Bench, key: Path) -> Path:
    """Make a bundle of the bench's checkout, and return the archive."""
    out = key.parent / f"stick of {key.stem}"
    out.mkdir(exist_ok=True)
    made = bench.run("bundle", "--key", key, "--arch", "x86_64", "--out", out)
    assert made.returncode == 0, made.stderr
    (archive,) = out.iterdir()
    return archive


@pytest.fixture
def pi(bench: Bench, tmp_path: Path) -> Path:
    """A root in which a gate is installed that takes bundles of ``update.key``."""
    bench.pretend("uname", "#!/bin/sh\necho x86_64\n")
    bench.pretend("python", PYTHON.replace("3.11.2", "3.13.5"))
    public = tmp_path / "update.pub"
    subprocess.run(["openssl", "pkey", "-in", new_key(bench), "-pubout", "-out", public], check=True)
    assert bench.run("install", "--root", tmp_path / "pi", "--update-key", public).returncode == 0
    assert (tmp_path / "pi/etc/gate-scanner/update.pub").read_bytes() == public.read_bytes()
    with (bench.checkout / "device/__init__.py").open("a") as package:
        package.write("# a later version\n")
    bench.calls()
    return tmp_path / "pi"


def test_the_same_checkout_and_key_make_the_same_bundle(bench: Bench) -> None:
    key = new_key(bench)
    archive = bundle_of(bench, key)
    before = archive.read_bytes()
    again = bench.run("bundle", "--key", key, "--arch", "x86_64", "--out", archive.parent)
    assert "bundle: 0 changed, " in again.stdout
    assert archive.read_bytes() == before


def test_a_bundle_has_only_wheels_of_the_lock_for_the_system_that_was_asked_for(bench: Bench) -> None:
    bundle_of(bench, new_key(bench))
    (download,) = [line for line in bench.calls() if " download " in line]
    assert "--require-hashes --no-deps --only-binary :all:" in download
    assert "--python-version 3.13 --abi cp313 " in download
    assert "--platform manylinux_2_41_x86_64" in download
    assert download.endswith("requirements/pi.txt")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--os", "11"), "--os is 12 or 13, not 11"),
        (("--arch", "armv7l"), "--arch is aarch64 or x86_64, not armv7l: numpy and zxing-cpp have no 32-bit packages"),
        ((), "--key needs your signing key; to make one: openssl genpkey -algorithm ed25519 -out update.key"),
    ],
)
def test_a_bundle_for_nobody_or_by_nobody_is_not_made(bench: Bench, options: tuple[str, ...], said: str) -> None:
    run = bench.run("bundle", *options)
    assert (run.returncode, run.stderr) == (2, f"setup.sh: {said}\n")


def test_an_upgrade_from_a_stick_needs_no_network_and_leaves_nothing_else(
    bench: Bench, pi: Path, tmp_path: Path
) -> None:
    before = (pi / "opt/gate-scanner/current").readlink()
    archive = bundle_of(bench, tmp_path / "update.key")
    bench.calls()
    run = bench.run("upgrade", archive, "--root", pi)
    assert run.returncode == 0, run.stderr
    current = (pi / "opt/gate-scanner/current").readlink()
    assert current != before
    installs = [line for line in bench.calls() if "pip install" in line]
    assert len(installs) == 2
    assert ["--no-index" in line for line in installs] == [True, True]
    assert "wheels/gate_scanner-" in installs[1]
    assert list(Path("/var/tmp").glob("gate-scanner-incoming.*")) == []
    again = bench.run("upgrade", archive, "--root", pi)
    assert "upgrade: 0 changed, " in again.stdout


def test_an_unpacked_bundle_can_be_installed_and_brings_the_key_it_is_signed_with(
    bench: Bench, pi: Path, tmp_path: Path
) -> None:
    archive = bundle_of(bench, tmp_path / "update.key")
    subprocess.run(["tar", "-C", tmp_path, "-xf", archive], check=True)
    run = subprocess.run(
        [tmp_path / archive.stem / "setup.sh", "install", "--root", tmp_path / "another"],
        env=bench.environment,
        check=False,
    )
    assert run.returncode == 0
    brought = tmp_path / "another/etc/gate-scanner/update.pub"
    assert brought.read_bytes() == (pi / "etc/gate-scanner/update.pub").read_bytes()


def unsign(folder: Path) -> None:
    (folder / "SHA256SUMS.sig").unlink()


def change_a_file(folder: Path) -> None:
    (folder / "setup.sh").write_text("echo not ours\n")


def add_a_file(folder: Path) -> None:
    (folder / "wheels/extra.whl").touch()


def drop_a_file(folder: Path) -> None:
    (folder / "config/minimal.yaml").unlink()


def add_a_link(folder: Path) -> None:
    (folder / "config/minimal.yaml").unlink()
    (folder / "config/minimal.yaml").symlink_to("/etc/hostname")


def add_a_list_elsewhere(folder: Path) -> None:
    (folder / "config/SHA256SUMS").write_text("not in the list\n")


def add_an_empty_folder(folder: Path) -> None:
    (folder / "config/more/and more").mkdir(parents=True)


def change_the_list(folder: Path) -> None:
    with (folder / "SHA256SUMS").open("a") as sums:
        sums.write("\n")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (unsign, "is not signed: nothing was changed"),
        (change_the_list, "is not signed by the holder of /etc/gate-scanner/update.pub: nothing was changed"),
        *((spoil, "is damaged: its files") for spoil in (change_a_file, add_a_file, drop_a_file)),
        *((spoil, "is damaged: its files") for spoil in (add_a_list_elsewhere, add_an_empty_folder)),
        (add_a_link, "links, devices, or more than 256 MiB; nothing was changed"),
    ],
)
def test_a_bundle_that_is_not_whole_or_not_signed_is_refused_in_one_line(
    bench: Bench, pi: Path, tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    before = files(pi)
    archive = bundle_of(bench, tmp_path / "update.key")
    subprocess.run(["tar", "-C", tmp_path, "-xf", archive], check=True)
    folder = tmp_path / archive.stem
    spoil(folder)
    subprocess.run(["tar", "-C", tmp_path, "-cf", archive, folder.name], check=True)
    for refused in (folder, archive):
        run = bench.run("upgrade", refused, "--root", pi)
        assert (run.returncode, len(run.stderr.splitlines())) == (1, 1)
        assert said in run.stderr
        assert files(pi) == before
    assert list(Path("/var/tmp").glob("gate-scanner-incoming.*")) == []


def test_a_bundle_of_somebody_else_and_what_is_no_bundle_are_refused_in_one_line(
    bench: Bench, pi: Path, tmp_path: Path
) -> None:
    archive = bundle_of(bench, new_key(bench, "stranger.key"))
    run = bench.run("upgrade", archive, "--root", pi)
    assert (run.returncode, len(run.stderr.splitlines())) == (1, 1)
    assert "is not signed by the holder of" in run.stderr
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8\xff")
    run = bench.run("upgrade", tmp_path / "holiday.jpg", "--root", pi)
    assert run.stderr == f"setup.sh: {tmp_path}/holiday.jpg is no bundle: ./setup.sh bundle makes one\n"


@pytest.mark.parametrize("compressed", ["-J", "-z"])
def test_a_compressed_bundle_is_refused_before_anything_is_unpacked(
    bench: Bench, pi: Path, tmp_path: Path, compressed: str
) -> None:
    archive = bundle_of(bench, tmp_path / "update.key")
    subprocess.run(["tar", "-C", tmp_path, "-xf", archive], check=True)
    subprocess.run(["tar", "-C", tmp_path, compressed, "-cf", archive, archive.stem], check=True)
    run = bench.run("upgrade", archive, "--root", pi)
    assert run.stderr == f"setup.sh: {archive} is no bundle: ./setup.sh bundle makes one\n"
    assert list(Path("/var/tmp").glob("gate-scanner-incoming.*")) == []


@pytest.mark.parametrize("unpacked", [False, True])
def test_a_bundle_that_would_fill_the_card_is_refused_by_its_size_alone(
    bench: Bench, pi: Path, tmp_path: Path, *, unpacked: bool
) -> None:
    archive = bundle_of(bench, tmp_path / "update.key")
    subprocess.run(["tar", "-C", tmp_path, "-xf", archive], check=True)
    with (tmp_path / archive.stem / "wheels/large.whl").open("wb") as large:
        large.truncate(300 << 20)  # no block of it is on a disk, in the sparse archive neither
    subprocess.run(["tar", "-C", tmp_path, "-S", "-cf", archive, archive.stem], check=True)
    run = bench.run("upgrade", tmp_path / archive.stem if unpacked else archive, "--root", pi)
    assert "links, devices, or more than 256 MiB; nothing was changed" in run.stderr


def test_a_second_folder_beside_the_bundle_is_refused(bench: Bench, pi: Path, tmp_path: Path) -> None:
    archive = bundle_of(bench, tmp_path / "update.key")
    (tmp_path / "beside").mkdir()
    subprocess.run(["tar", "-C", tmp_path, "-rf", archive, "beside"], check=True)
    run = bench.run("upgrade", archive, "--root", pi)
    assert "has more in it than one folder; nothing was changed" in run.stderr


def test_without_a_trusted_key_no_bundle_is_taken(bench: Bench, pi: Path, tmp_path: Path) -> None:
    archive = bundle_of(bench, tmp_path / "update.key")
    (pi / "etc/gate-scanner/update.pub").unlink()
    run = bench.run("upgrade", archive, "--root", pi)
    assert (run.returncode, len(run.stderr.splitlines())) == (1, 1)
    assert "install --update-key FILE" in run.stderr


def test_a_bundle_for_another_machine_says_so(bench: Bench, pi: Path, tmp_path: Path) -> None:
    archive = bundle_of(bench, tmp_path / "update.key")
    bench.pretend("uname", "#!/bin/sh\necho aarch64\n")
    run = bench.run("upgrade", archive, "--root", pi)
    assert run.returncode == 1
    assert run.stderr == "setup.sh: this bundle is for Python and machine 3.13 x86_64, this is 3.13 aarch64\n"


def test_a_dry_upgrade_does_nothing(bench: Bench, pi: Path, tmp_path: Path) -> None:
    archive = bundle_of(bench, tmp_path / "update.key")
    before = files(pi)
    run = bench.run("upgrade", archive, "--root", pi, "--dry-run")
    assert run.returncode == 0, run.stderr
    assert files(pi) == before
    assert "upgrade: 0 changed (" in run.stdout


def test_every_line_of_an_installation_is_a_step_with_its_state(bench: Bench, tmp_path: Path) -> None:
    *lines, report, _ = bench.run("install", "--root", tmp_path / "pi").stdout.splitlines()
    assert [line for line in lines if not line.startswith(STEPS)] == []
    assert report.startswith("install: ")
