"""Every option of ``setup.sh`` is looked at before any work is done; a refusal is one line that says what to write."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.setup_bench import Bench, files, make_bench, new_key


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


@pytest.fixture
def there(bench: Bench, tmp_path: Path) -> Path:
    """A folder with one of each: keys, and what is none."""
    public = new_key(bench).with_suffix(".pub")
    subprocess.run(["openssl", "pkey", "-in", tmp_path / "update.key", "-pubout", "-out", public], check=True)
    rsa = ["openssl", "genpkey", "-algorithm", "rsa", "-out", str(tmp_path / "rsa.key")]
    subprocess.run(rsa, check=True, capture_output=True)
    (tmp_path / "notes.txt").write_text("no key, no folder, no bundle\n")
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("bundle --key none.key", "--key none.key: there is no such file; to make one: openssl genpkey "),
        ("bundle --key folder", "--key folder: is no file that can be read"),
        ("bundle --key notes.txt", "--key notes.txt: is no Ed25519 key (or it has a password); to make one: "),
        ("bundle --key rsa.key", "--key rsa.key: is no Ed25519 key (or it has a password); to make one: "),
        ("bundle --key update.pub", "--key update.pub: is the public half; name the file it was made from"),
        ("bundle --key", "--key needs a value"),
        ("bundle --kye update.key", "unknown option --kye; ./setup.sh help lists them"),
        ("bundle --key update.key --out notes.txt", "--out notes.txt: notes.txt is a file, not a folder"),
        ("bundle --key update.key --out notes.txt/a/b", "--out notes.txt/a/b: notes.txt is a file, not a folder"),
        ("bundle --key update.key --os 14", "--os is 12 or 13, not 14"),
        (
            "install --update-key none.pub",
            "--update-key none.pub: there is no such file; to make it from ",
        ),
        ("install --update-key folder", "--update-key folder: is no file that can be read"),
        ("install --update-key notes.txt", "--update-key notes.txt: is no public Ed25519 key; to make it from "),
        (
            "install --update-key update.key",
            "--update-key update.key: is the key that signs; keep it, and ",
        ),
        ("install --update-key", "--update-key needs a file"),
        ("install --root /", "--root /: leave it out to install on this machine"),
        ("install --root notes.txt/pi", "notes.txt is a file, not a folder"),
        (
            "install --hub http://hub.example.vn --root pi",
            "--hub http://hub.example.vn: write how gates call ",
        ),
        ("install --hub", "how do gates call this hub? ./setup.sh install --hub hub.example.vn"),
        ("install --purge --root pi", "--purge is for uninstall"),
        ("install stick.tar --root pi", "install takes no path: ./setup.sh upgrade stick.tar"),
        ("rollback stick.tar --root pi", "rollback takes no path: stick.tar"),
        ("uninstall /var/lib --root pi", "uninstall takes no path: /var/lib"),
        ("upgrade none.tar --root pi", "none.tar: there is no such file or folder"),
        ("upgrade folder --root pi", "folder is no bundle: this folder has no SHA256SUMS; name the archive in it"),
        ("upgrade /dev/null --root pi", "/dev/null: is no file and no folder"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line_before_anything_is_done(
    bench: Bench, there: Path, words: str, said: str
) -> None:
    bench.pretend("id", "#!/bin/sh\necho 0\n")
    before = files(there)
    done = subprocess.run(
        [bench.checkout / "setup.sh", *words.split()],
        cwd=there,
        env=bench.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert (len(done.stderr.splitlines()), done.stdout) == (1, "")
    assert files(there) == before
    assert not (there / "pi").exists()


def test_a_bundle_is_laid_into_a_folder_that_was_not_there(bench: Bench, there: Path) -> None:
    made = bench.run("bundle", "--key", there / "update.key", "--arch", "x86_64", "--out", there / "new/stick")
    assert made.returncode == 0, made.stderr
    assert [path.suffix for path in (there / "new/stick").iterdir()] == [".tar"]


def test_below_another_root_nothing_is_written_where_the_system_lacks_numpy_or_venv(bench: Bench, there: Path) -> None:
    run = bench.run("install", "--root", there / "pi", FAKE_MISSING="1")
    assert (run.returncode, len(run.stderr.splitlines())) == (1, 1)
    assert "apt-get install python3-venv; nothing was changed" in run.stderr
    missing = '#!/bin/sh\ncase "$2" in *numpy*) exit 1 ;; esac\n'
    bench.pretend("python", missing + (bench.commands / "python").read_text())
    run = bench.run("install", "--root", there / "pi")
    assert (run.returncode, len(run.stderr.splitlines())) == (1, 1)
    assert "apt-get install python3-numpy python3-pil; nothing was changed" in run.stderr
    assert not (there / "pi").exists()
