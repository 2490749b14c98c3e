"""How phones reach the hub, as `check` and the page "About" say it; and what is off where they do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.errors import Complaints
from device.hub.people.standing import check_certificate, standing
from device.hub.settings.load import load_settings, parse_settings
from tests.hub.people.certificates import NOW_S, write_certificate

NAMES = "names: [a.vn]\n"
OWN = NAMES + (
    "people:\n  url: https://hub.vn\n  listen: 127.0.0.1:8444\n  certificate: people.pem\n  key: people.key\n"
)
OFF = "Self check-in, pages with a camera and whatever else needs an address that phones trust stay off."


def told(text: str, folder: Path = Path()) -> list[str]:
    return list(standing(parse_settings(text, folder=folder)[0].people, NOW_S))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (NAMES, "no address that phones trust: hub.yaml has no people.url"),
        (
            f"{NAMES}people: {{url: 'https://hub.vn'}}",
            "posters lead to https://hub.vn, where this hub does not answer: hub.yaml has no people.listen",
        ),
    ],
)
def test_without_an_address_that_phones_trust_it_says_what_stays_off(text: str, first: str) -> None:
    assert told(text)[0] == first
    assert told(text)[1].endswith(OFF)


def test_without_settings_too() -> None:
    assert list(standing(None, NOW_S))[1].endswith(OFF)


def test_with_a_proxy_or_a_certificate_it_says_which(tmp_path: Path) -> None:
    proxy = "people: {url: 'https://hub.vn', listen: '127.0.0.1:8444', behind_proxy: {address: 127.0.0.1}}"
    assert told(NAMES + proxy) == ["https://hub.vn, by the proxy at 127.0.0.1"]
    write_certificate(tmp_path)
    assert told(OWN, tmp_path) == ["https://hub.vn, certificate until 2026-04-01"]
    write_certificate(tmp_path, ends=5)
    assert told(OWN, tmp_path)[1:] == ["the certificate ends in 5 days; renew it"]


@pytest.mark.parametrize("names", [("other.vn",), None])
def test_a_certificate_that_phones_refuse_is_told_and_all_is_off(tmp_path: Path, names: tuple[str, ...] | None) -> None:
    if names:
        write_certificate(tmp_path, names)
    first, second = told(OWN, tmp_path)
    why = "do not trust its certificate: is for other.vn" if names else "cannot open it: "
    assert first.startswith(f"https://hub.vn: phones {why}")
    assert second.endswith(OFF)


def another_name(folder: Path) -> None:
    write_certificate(folder, ("other.vn",))


def another_key(folder: Path) -> None:
    certificate = write_certificate(folder)[0].read_bytes()
    write_certificate(folder)[0].write_bytes(certificate)


def an_old_one(folder: Path) -> None:
    write_certificate(folder, ends=-1, begins=-9)


def none_at_all(_: Path) -> None:
    """Leave the folder as it is."""


@pytest.mark.parametrize(
    ("make", "line", "why"),
    [
        (another_name, "5:16: people.certificate: is for other.vn, not for hub.vn", ""),
        (an_old_one, "5:16: people.certificate: ended on 2025-12-31; get another one", ""),
        (another_key, "6:8: people.key: ", "is not the key of"),
        (none_at_all, "5:16: people.certificate: ", "cannot be read (No such file or directory)"),
    ],
)
def test_a_mistake_of_the_certificate_has_the_line_of_its_key(
    tmp_path: Path, make: Callable[[Path], None], line: str, why: str
) -> None:
    make(tmp_path)
    settings, located = parse_settings(OWN, folder=tmp_path)
    with pytest.raises(Complaints) as caught:
        check_certificate(settings.people, located, NOW_S)
    assert str(caught.value).startswith(f"hub.yaml:{line}")
    assert why in str(caught.value)


def test_the_check_of_the_command_line_says_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "hub.yaml"
    file.write_text(OWN.replace(":8444", ":443"))
    now_s = SystemClock().reading().wall_ms / 1000
    assert main(["check", str(file)]) == 78
    assert "hub.yaml:5:16: people.certificate: " in capsys.readouterr().out
    write_certificate(tmp_path, now_s=now_s, ends=10)
    assert main(["check", str(file)]) == 0
    said = capsys.readouterr().out
    assert "hub.yaml:5:16: people.certificate: ends in " in said
    assert "port 443 is root's, and the hub is not root: see config/hub.md" in said
    assert "  phones of people who come: https://hub.vn, certificate until " in said
    (tmp_path / "people.key").unlink()
    assert main(["check", str(file), "--elsewhere"]) == 0
    assert "  phones of people who come: https://hub.vn\n" in capsys.readouterr().out
    file.write_text(NAMES)
    assert main(["check", str(file)]) == 0
    assert f"{OFF}\n" in capsys.readouterr().out


def test_relative_files_lie_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "hub.yaml").write_text(OWN)
    assert load_settings(tmp_path / "hub.yaml").people.files == (tmp_path / "people.pem", tmp_path / "people.key")
