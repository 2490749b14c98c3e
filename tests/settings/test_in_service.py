"""What a right site file must say besides, before a gate works by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.errors import Complaints
from device.settings.load import inspect, inspect_text, load_for_service, parse

CONFIG = Path(__file__).parents[2] / "config"
GOOD = "place: {name: Chợ Hoa, province: Huế}\npins: {green: 17, red: 27}\n"


def told(text: str) -> list[str]:
    """Return line, column and key of every mistake, and what it says."""
    try:
        inspect_text(text, "site.yaml", Path("/etc/gate-scanner"))
    except Complaints as mistakes:
        return [str(mistake).removeprefix("site.yaml:") for mistake in mistakes.complaints]
    return []


def keys(text: str) -> list[str]:
    return [line.split(": ")[1] for line in told(text)]


def test_a_file_of_ones_own_may_be_worked_by() -> None:
    assert told(GOOD) == []


@pytest.mark.parametrize(
    ("file", "still"),
    [
        ("minimal.yaml", ["place.name", "hub.url"]),
        ("site.example.yaml", ["place.name", "hub.url", "hub.enrol_code", "sync.webhook.url"]),
        ("bench.yaml", []),
    ],
)
def test_a_shipped_example_is_refused_by_name_until_it_is_edited_and_the_bench_is_not(
    file: str, still: list[str]
) -> None:
    text = (CONFIG / file).read_text("utf-8")
    parse(text)
    assert keys(text) == still
    assert all("this is still the example's; " in line for line in told(text))


@pytest.mark.parametrize("name", ["Trường THPT Hoa Phượng", "TRƯỜNG THPT  HOA PHƯỢNG", '" Trường THPT Hoa Phượng "'])
def test_the_sample_school_is_known_however_it_is_written(name: str) -> None:
    assert told(GOOD.replace("Chợ Hoa", name)) == [
        "1:15: place.name: this is still the example's; write the registered name of your place"
    ]


def test_a_school_of_nearly_that_name_is_another_school() -> None:
    assert told(GOOD.replace("Chợ Hoa", "Trường THPT Hoa Phượng 2")) == []


@pytest.mark.parametrize(
    "host", ["hub.example.vn", "hub.example.vn:8400/", "HUB.EXAMPLE.VN", "example.vn", "a.example.vn."]
)
def test_the_hub_of_the_example_is_refused_whatever_its_port(host: str) -> None:
    assert keys(GOOD + f"hub: {{url: 'https://{host}'}}\n") == ["hub.url"]


@pytest.mark.parametrize("host", ["hub.examplevn.vn", "notexample.vn", "hub.example.vn.gov.vn", "10.1.2.3"])
def test_a_hub_of_another_name_is_somebody_s(host: str) -> None:
    assert told(GOOD + f"hub: {{url: 'https://{host}'}}\n") == []


def test_the_server_and_the_code_of_the_example_are_refused_too() -> None:
    webhook = "url: 'https://records.example.vn/x', fields: [time], secret_file: s, private_key_file: k"
    assert keys(GOOD + f"sync: {{kind: webhook, webhook: {{{webhook}}}}}\n") == ["sync.webhook.url"]
    code = "hub: {url: 'https://hub.vidu.vn', enrol_code: gatescannerexampn}\n"
    assert keys(GOOD + code) == ["hub.enrol_code"]


@pytest.mark.parametrize("folder", ["data", "./data", "../data", "data/", "var/lib/gate-scanner", "$HOME/data", "'0'"])
def test_a_store_must_be_written_in_full(folder: str) -> None:
    (line,) = told(GOOD + f"store: {{folder: {folder}}}\n")
    assert line.startswith("3:17: store.folder: write it in full, from / on, like /var/lib/gate-scanner (got '")
    assert keys(GOOD + f"store: {{volatile_ok: true, folder: {folder}}}\n") == ["store.folder"]


@pytest.mark.parametrize(
    "folder",
    ["/tmp", "/tmp/x", "/var/tmp/x", "/run/x", "/var/run/x", "/dev/shm/x", "//tmp/x", "/srv/../tmp/x", "/./tmp/"],
)
def test_a_store_that_a_restart_empties_must_be_meant(folder: str) -> None:
    (line,) = told(GOOD + f"store: {{folder: {folder}}}\n")
    assert line.startswith("3:17: store.folder: a restart empties it, and check-ins are lost; ")
    assert line.endswith("write /var/lib/gate-scanner, or store.volatile_ok: true")
    assert told(GOOD + f"store: {{folder: {folder}, volatile_ok: true}}\n") == []


@pytest.mark.parametrize(
    "folder", ["/etc/gate-scanner/data", "/boot/firmware/x", "/usr/local/x", "/home/pi/x", "/root"]
)
def test_a_store_where_the_gate_may_not_write_is_refused(folder: str) -> None:
    assert told(GOOD + f"store: {{folder: {folder}}}\n") == [
        "3:17: store.folder: the gate may not write there; write /var/lib/gate-scanner"
    ]


def test_on_a_desk_with_pretended_pins_a_home_is_a_place_for_a_store() -> None:
    assert told(GOOD.replace("green", "driver: mock, green") + "store: {folder: /home/an/store}\n") == []


@pytest.mark.parametrize("folder", ["''", "C:\\x", "~/x", "smb://a/b", '"a\\tb"'])
def test_a_store_that_is_no_path_is_told_once(folder: str) -> None:
    assert keys(GOOD + f"store: {{folder: {folder}}}\n") == ["store.folder"]


@pytest.mark.parametrize("folder", ["/", "/proc/x", "/sys", "/dev/mmcblk0", "/dev/null/x"])
def test_a_store_where_there_are_no_files_is_refused(folder: str) -> None:
    (line,) = told(GOOD + f"store: {{folder: {folder}, volatile_ok: true}}\n")
    assert "no files can be kept there; write a folder on the card" in line


@pytest.mark.parametrize(
    "folder", ["/var/lib/gate-scanner", "/var/lib/gate-scanner/2", "/srv/gate", "/tmpfiles", "/running"]
)
def test_a_store_on_the_card_is_not_spoken_of(folder: str) -> None:
    assert told(GOOD + f"store: {{folder: {folder}}}\n") == []


@pytest.mark.parametrize("written", ["C:\\data", "'c:\\data'", "D:/data", "\\\\server\\x", "..\\data"])
@pytest.mark.parametrize("key", ["store: {folder: %s}", "trust: {file: %s}", "policy: {file: %s}"])
def test_a_path_of_windows_is_told_at_every_key(written: str, key: str) -> None:
    (line,) = (line for line in told(GOOD + key % written + "\n") if "Windows" in line)
    assert ": Windows writes so; write the path of a file or folder on the gate, with / (got '" in line


def test_every_mistake_is_told_at_once_with_those_of_form() -> None:
    text = GOOD.replace("Chợ Hoa", "Trường THPT Hoa Phượng").replace("17", "017") + "store: {folder: data}\n"
    assert keys(text) == ["place.name", "pins.green", "store.folder"]


def test_other_commands_read_such_a_file(tmp_path: Path) -> None:
    text = GOOD.replace("Chợ Hoa", "Trường THPT Hoa Phượng") + "store: {folder: data}\n"
    assert parse(text, folder=tmp_path).store.folder == tmp_path / "data"
    (tmp_path / "site.yaml").write_text(text, "utf-8")
    for read in (inspect, load_for_service):
        with pytest.raises(Complaints):
            read(tmp_path / "site.yaml")
