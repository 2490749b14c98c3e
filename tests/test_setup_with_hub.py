"""``setup.sh install --with-hub``: gate and hub on one Pi, in step, and known to each other."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.setup_bench import CHECKOUT, RECORDER, Bench, files, make_bench, steps

OWN = "https://127.0.0.1:8400"
SITE = "etc/gate-scanner/site.yaml"
TOGETHER = "opt/gate-hub/with-gate"
MINE = "place: {name: Chợ Mới, kind: market, province: Huế}\nhub: {url: 'https://hub.example.com'}\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


@pytest.fixture
def pi(bench: Bench, tmp_path: Path) -> Path:
    """A root in which both are installed."""
    run = bench.run("install", "--with-hub", "--root", tmp_path / "pi")
    assert run.returncode == 0, run.stderr
    bench.calls()
    return tmp_path / "pi"


def later(bench: Bench, text: str) -> None:
    (bench.checkout / "device/clock.py").write_text(f'"""{text}"""\n')


def versions(root: Path, link: str = "current") -> list[str]:
    found = [root / "opt" / base / link for base in ("gate-scanner", "gate-hub")]
    return [path.readlink().name if path.is_symlink() else "" for path in found]


def test_both_are_installed_each_from_its_lock_and_the_gate_is_told_its_hub(bench: Bench, tmp_path: Path) -> None:
    root = tmp_path / "pi"
    run = bench.run("install", "--with-hub", "--root", root)
    assert run.returncode == 0, run.stderr
    locks = [line.rpartition("/")[2] for line in bench.calls() if "--require-hashes" in line]
    assert locks == ["pi.txt", "hub.txt"]
    assert {"gate-scanner.service", "gate-hub.service"} <= {path.name for path in (root / "etc").rglob("*.service")}
    assert (root / "usr/local/bin/gate-scanner").readlink() == Path("/opt/gate-scanner/current/bin/gate-scanner")
    assert (root / TOGETHER).read_text().split() == [versions(root)[0], f"versions/{versions(root)[1]}"]
    site, example = (root / SITE).read_text(), (CHECKOUT / "config/minimal.yaml").read_text()
    assert f"  url: {OWN}   # the hub on this Pi\n" in site
    assert [line for line in site.splitlines() if "url:" not in line] == [
        line for line in example.splitlines() if "url:" not in line
    ]
    assert run.stdout.splitlines()[-1] == (
        "Now say where the gate stands: edit /etc/gate-scanner/site.yaml; the gate then starts by itself"
    )


def test_a_second_installation_changes_nothing(bench: Bench, pi: Path) -> None:
    before = files(pi)
    for words in (["install", "--with-hub"], ["install"], ["upgrade"]):
        run = bench.run(*words, "--root", pi)
        assert run.returncode == 0, run.stderr
        assert steps(run, "changed") == []
        assert run.stdout.count(": 0 changed, ") == 3
    assert files(pi) == before
    assert bench.calls() == []


def test_a_hub_beside_a_gate_that_was_there_is_put_in_step_with_it(bench: Bench, tmp_path: Path) -> None:
    for alone in ([], ["--hub", "hub.example.vn"]):
        assert bench.run("install", *alone, "--root", tmp_path / "pi").returncode == 0
    assert not (tmp_path / "pi" / TOGETHER).exists()
    run = bench.run("install", "--with-hub", "--root", tmp_path / "pi")
    assert run.returncode == 0, run.stderr
    assert steps(run, "changed") == ["gate and hub are looked after together", f"/{SITE} names the hub of this Pi"]


def test_a_site_file_of_a_persons_own_is_never_changed_and_its_owner_is_told_what_to_write(
    bench: Bench, tmp_path: Path
) -> None:
    site = tmp_path / "pi" / SITE
    bench.run("install", "--root", tmp_path / "pi")
    site.write_text(MINE)
    run = bench.run("install", "--with-hub", "--root", tmp_path / "pi")
    assert run.returncode == 0, run.stderr
    assert site.read_text() == MINE
    (told,) = [line for line in steps(run, "skipped") if "is yours" in line]
    assert f"hub: {{url: '{OWN}'}}" in told
    assert [line for line in steps(run, "skipped") if "enrolment" in line] == []
    site.write_text(MINE.replace("https://hub.example.com", OWN))
    run = bench.run("install", "--with-hub", "--root", tmp_path / "pi")
    assert f"/{SITE} names the hub of this Pi" in steps(run, "ok")
    assert "enrolment: only files below --root" in steps(run, "skipped")


def test_an_upgrade_and_a_rollback_take_both_without_being_asked(bench: Bench, pi: Path) -> None:
    first = versions(pi)
    later(bench, "later")
    assert bench.run("upgrade", "--root", pi).returncode == 0
    second = versions(pi)
    assert [one == other for one, other in zip(first, second, strict=True)] == [False, False]
    assert versions(pi, "previous") == first
    assert (pi / TOGETHER).read_text().split() == [second[0], f"versions/{second[1]}"]
    kit = pi / "opt/gate-scanner/current/kit/setup.sh"
    run = subprocess.run([kit, "rollback", "--root", pi], env=bench.environment, check=False, capture_output=True)
    assert run.returncode == 0, run.stderr
    assert versions(pi) == first
    assert (pi / TOGETHER).read_text().split() == [first[0], f"versions/{first[1]}"]
    again = bench.run("rollback", "--root", pi)
    assert (again.returncode, "nothing to go back to" in again.stderr) == (1, True)
    assert versions(pi) == first


def test_a_hub_that_cannot_be_brought_up_to_date_leaves_the_gate_where_it_is(bench: Bench, pi: Path) -> None:
    before = versions(pi)
    later(bench, "later")
    run = bench.run("upgrade", "--root", pi, FAKE_PIP_BREAKS="1")
    assert run.returncode != 0
    assert versions(pi) == before


def test_a_gate_that_cannot_be_brought_up_to_date_takes_the_hub_back_with_it(bench: Bench, pi: Path) -> None:
    before = versions(pi)
    later(bench, "later")
    breaking = '#!/bin/sh\ncase "$*" in *requirements/pi.txt*) exit 1 ;; esac\n'
    python = bench.commands / "python"
    python.write_text(breaking + python.read_text().partition("\n")[2])
    run = bench.run("upgrade", "--root", pi)
    assert run.returncode == 1
    assert "the gate was not brought up to date, and the hub stays in step with it" in run.stderr
    assert versions(pi) == before


def test_a_gate_that_went_up_alone_goes_back_alone(bench: Bench, pi: Path) -> None:
    hub = versions(pi)[1]
    later(bench, "both")
    assert bench.run("upgrade", "--root", pi).returncode == 0
    both = versions(pi)
    later(bench, "the gate alone, as from a stick")
    assert bench.run("upgrade", "--root", pi, SETUP_ALONE="1").returncode == 0
    run = bench.run("rollback", "--root", pi)
    assert run.returncode == 0, run.stderr
    assert versions(pi) == both
    assert versions(pi, "previous")[1] == hub
    assert "the hub: it did not come with the version that is left now" in steps(run, "skipped")


@pytest.mark.parametrize("words", [(), ("--with-hub",)])
def test_uninstalling_removes_both_and_keeps_what_is_theirs(bench: Bench, pi: Path, words: tuple[str, ...]) -> None:
    for name in ("gate-scanner/ledger.sqlite", "gate-hub/hub.db"):
        (pi / "var/lib" / name).parent.mkdir(parents=True)
        (pi / "var/lib" / name).touch()
    assert bench.run("uninstall", *words, "--root", pi).returncode == 0
    assert set(files(pi)) == {SITE, "var/lib/gate-scanner/ledger.sqlite", "var/lib/gate-hub/hub.db"}
    assert bench.run("uninstall", *words, "--root", pi).stdout.splitlines()[-1].startswith("uninstall: 0 changed, ")


def test_purging_leaves_nothing_of_either(bench: Bench, pi: Path) -> None:
    assert bench.run("uninstall", "--purge", "--root", pi).returncode == 0
    assert files(pi) == {}


def test_the_hub_alone_can_be_removed_and_the_gate_is_then_alone_too(bench: Bench, pi: Path) -> None:
    assert bench.run("uninstall", "--hub", "--root", pi).returncode == 0
    gate = versions(pi)[0]
    later(bench, "later")
    assert bench.run("upgrade", "--root", pi).returncode == 0
    assert versions(pi)[0] != gate
    assert versions(pi)[1] == ""


def test_a_dry_run_says_what_it_would_do_to_both_and_does_nothing(bench: Bench, tmp_path: Path) -> None:
    run = bench.run("install", "--with-hub", "--dry-run", "--root", tmp_path / "pi")
    assert run.returncode == 0, run.stderr
    assert not (tmp_path / "pi").exists()
    assert bench.calls() == []
    would = steps(run, "would")
    assert "/etc/systemd/system/gate-scanner.service" in would
    assert "/etc/systemd/system/gate-hub.service" in would
    assert f"/{SITE} names the hub of this Pi" in would


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["install", "--with-hub", "--hub", "hub.vn"],
            "--with-hub is for gate and hub on one Pi, --hub for a hub alone",
        ),
        (["install", "--with-hub", "http://hub.vn"], "--with-hub http://hub.vn: write how gates call the hub, like "),
        (["install", "--with-hub", "--purge"], "--purge is for uninstall"),
        (["install", "--with-hub", "--wiht"], "unknown option --wiht; ./setup.sh help lists them"),
        (["upgrade", "--with-hub"], "gate and hub are not installed together yet: ./setup.sh install --with-hub"),
        (["rollback", "--with-hub"], "gate and hub are not installed together: ./setup.sh rollback, or rollback --hub"),
    ],
)
def test_a_wrong_word_is_refused_in_one_line_before_anything_is_done(
    bench: Bench, tmp_path: Path, words: list[str], said: str
) -> None:
    run = bench.run(*words, "--root", tmp_path / "pi")
    assert run.returncode in (1, 2)
    assert said in run.stderr
    assert (len(run.stderr.splitlines()), run.stdout) == (1, "")
    assert not (tmp_path / "pi").exists()


def test_the_hub_gets_the_pis_names_and_the_address_the_gate_calls_it_by(bench: Bench, tmp_path: Path) -> None:
    bench.pretend("hostname", '#!/bin/sh\n[ "$1" != -I ] || { echo "192.168.1.9 fd00::9 "; exit; }\necho Cong-Chinh\n')
    bench.pretend("bash", '#!/bin/sh\necho "setup $*" >> "$RECORD"\nexec /bin/bash "$@"\n')
    bench.run("install", "--with-hub", "--root", tmp_path / "one")
    bench.run("install", "--with-hub", "hub.vn", "--root", tmp_path / "two")
    hubs = [line for line in bench.calls() if line.startswith("setup") and "--hub" in line]
    names = [[word for before, word in pairwise(line.split()) if before == "--hub"] for line in hubs]
    assert names == [
        ["cong-chinh.local", "192.168.1.9", "localhost", "127.0.0.1"],
        ["hub.vn", "192.168.1.9", "localhost", "127.0.0.1"],
    ]


def in_the_script(bench: Bench, code: str) -> subprocess.CompletedProcess[str]:
    """Run *code* with the functions of the script, as root would have them."""
    whole = f'source "$0" help >/dev/null\nsource "$SOURCE/systemd/install.sh"\n{code}\n'
    return subprocess.run(
        ["/bin/bash", "-c", whole, bench.checkout / "setup.sh"],
        env=bench.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def as_other_users(bench: Bench, hub: str) -> None:
    """Pretend both programs: the hub's prints a code and more, the gate's writes down what it was given."""
    bench.pretend(
        "setpriv",
        f"""#!/bin/sh
echo "as $2: $6 $7 $8 $9" >> "$RECORD"
case "$2" in
  gate-hub) {hub} ;;
  gate-scanner) read -r code && echo "read $code" >> "$RECORD" && [ -n "$code" ] ;;
esac
""",
    )
    bench.pretend("hostname", "#!/bin/sh\necho cong-chinh\n")


def test_the_code_of_the_enrolment_goes_through_a_pipe_and_stands_in_no_list_of_processes(bench: Bench) -> None:
    as_other_users(bench, "printf '%s\\n' 16MH-MYT1-M10C-E4370 'enrols cong-chinh'")
    run = in_the_script(bench, "enrol_own")
    assert (run.returncode, run.stderr) == (0, "")
    calls = bench.calls()
    assert [line for line in calls if "16MH" in line] == ["read 16MH-MYT1-M10C-E4370"]
    assert sorted(line for line in calls if line.startswith("as")) == [
        "as gate-hub: /opt/gate-hub/current/bin/gate-scanner hub code /var/lib/gate-hub",
        "as gate-scanner: /opt/gate-scanner/current/bin/gate-scanner enrol - --config",
    ]
    assert calls[-1] == "systemctl try-restart gate-scanner.service"
    assert "16MH" not in run.stdout


def test_a_hub_that_makes_no_code_is_told_and_the_same_again_goes_on(bench: Bench) -> None:
    as_other_users(bench, "echo 'cong-chinh: there is such a gate' >&2; exit 1")
    run = in_the_script(bench, "enrol_own")
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        "cong-chinh: there is such a gate",
        "setup.sh: the gate could not be enrolled: see above; the same command again goes on from here",
    ]
    assert "changed" not in run.stdout


def test_a_bundle_takes_the_gate_alone_and_says_that_the_hub_stays(bench: Bench, pi: Path) -> None:
    bench.pretend("openssl", RECORDER.format(code=1))
    run = bench.run("upgrade", bench.checkout / "setup.sh", "--root", pi)
    assert run.stdout.startswith("note     a bundle has no hub: the one on this Pi stays at its version")
    assert "is no bundle" in run.stderr
    run = bench.run("upgrade", "--with-hub", bench.checkout / "setup.sh", "--root", pi)
    assert run.stderr == "setup.sh: a bundle is for a gate: take a checkout for gate and hub\n"
