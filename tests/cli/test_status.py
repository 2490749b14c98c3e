"""``gate-scanner status``: the table, the object, the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from device.cli import main
from device.cli.status_lines import lines_of
from device.monitor.control_socket import ControlSocket
from tests.support.threads import running

TOLD: dict[str, Any] = {
    "version": "0.1.0",
    "state": "offline",
    "uptime_s": 7_500,
    "lamps_failing": False,
    "camera": {
        "source": "picamera2",
        "alive": True,
        "lost": None,
        "fps": 14.9,
        "frames": 100,
        "decode_ms": 6.5,
        "engines": ["zxing"],
        "engines_left_out": ["zbar"],
        "engine_crashes": {"zbar": 2},
        "episodes": {"lost": 1},
    },
    "scans": {
        "today": 37,
        "last_at": "2026-01-01T00:00:00Z",
        "last_cue": "granted",
        "lamp_ms_p50": 5,
        "lamp_ms_p99": 90,
    },
    "queue": {"recorded": 40, "undelivered": 2, "parked": 1, "oldest_at": "2026-01-01T00:00:00Z", "oldest_s": 120},
    "link": {"state": "offline", "since_s": 61, "error": "unreachable", "last_success_s": 70},
    "clock": {
        "trusted": False,
        "now": "2026-01-01T00:02:00Z",
        "judged": "2026-02-01T00:00:00Z",
        "judged_known": False,
    },
    "policy": {
        "version": "v-1",
        "in_force_s": 59,
        "next_version": "v-2",
        "next_from": "2026-01-08T00:00:00Z",
        "refused": ["p:1:1: x"],
    },
    "trust": {"file": "trust.json", "age_s": 5, "refused": []},
    "sealing": {"key_day": "2026-01-01", "today": "2026-01-01", "late": False},
    "bundles": {
        "error": None,
        "kinds": [
            {"kind": "policy", "version": 1_767_225_600, "made": "2026-01-01T00:00:00Z", "old": False, "refused": None},
            {"kind": "trust", "version": None, "refused": "it is for another gate"},
        ],
    },
    "machine": {
        "temperature_c": 61.0,
        "under_voltage": False,
        "under_voltage_since_boot": True,
        "throttled": False,
        "memory_bytes": 1 << 30,
        "memory_free_bytes": 1 << 29,
        "disk_free_bytes": 1 << 30,
        "service_watchdog_s": 10.0,
        "hardware_watchdog": {"driver": "bcm", "armed": True, "timeout_s": 15},
    },
    "troubles": [{"what": "under-voltage", "do": "look \x1b at it"}],
}


def said(config: Path, *more: str) -> int:
    return main(["status", "--config", str(config), *more])


def test_people_get_a_short_table_and_what_to_do(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(ControlSocket(config.parent, {"status": lambda _terms: TOLD})):
        assert said(config) == 1
    assert capsys.readouterr().out.splitlines() == [
        "gate       0.1.0, offline, up for 2 h 5 min",
        "camera     picamera2 sees, 14.9 frames a second, decode 6.5 ms, engines zxing,",
        "           left out zbar, 1 × lost",
        "scans      37 today, last answer 2026-01-01 03:25 +03:25,",
        "           lamp after 5 ms (p99 90 ms)",
        "queue      2 waiting of 40 recorded, the oldest for 2 min, 1 refused by the hub",
        "link       offline for 1 min (unreachable), last delivery 1 min ago",
        "clock      2026-01-01 03:27 +03:25, NOT trusted: nobody has set it since boot,",
        "           judged by 2026-02-01 03:25 +03:25 or later",
        "policy     v-1, in force here for 59 s, then v-2 from 2026-01-08 03:25 +03:25,",
        "           a newer text was REFUSED: p:1:1: x",
        "trust      trust.json, 5 s old",
        "sealing    key of today (2026-01-01 UTC)",
        "bundles    policy of 2026-01-01 03:25 +03:25, trust list none yet,",
        "           a newer one was REFUSED: it is for another gate",
        "machine    61.0 °C, power good (it was not, since boot),",
        "           512 of 1024 MB memory free, 1024 MB free on the card,",
        "           watchdog of the service 10 s, watchdog of the machine 15 s",
        "NOT WELL   under-voltage: look \N{REPLACEMENT CHARACTER} at it",
    ]


def test_people_are_told_in_vietnamese_what_the_gate_says_in_english(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {**TOLD, "machine": {**TOLD["machine"], "under_voltage": True}}
    with running(ControlSocket(config.parent, {"status": lambda _terms: told})):
        assert said(config, "--lang", "vi") == 1
    out = capsys.readouterr().out
    assert out.splitlines() == [
        "máy quét    0.1.0, mất mạng, đã chạy 2 giờ 5 phút",
        "camera      picamera2 đang thấy hình, 14,9 hình mỗi giây, giải mã 6,5 ms,",
        "            bộ giải mã zxing, tạm bỏ zbar, 1 lần mất hình",
        "lượt quét   hôm nay 37, lần trả lời gần nhất 2026-01-01 03:25 +03:25,",
        "            đèn sáng sau 5 ms (p99 90 ms)",
        "hàng chờ    2 lượt đang chờ trong 40 lượt đã ghi, lượt lâu nhất đã chờ 2 phút,",
        "            1 lượt bị hub từ chối",
        "kết nối     mất mạng đã 1 phút (không tới được hub),",
        "            lần gửi cuối cách đây 1 phút",
        "đồng hồ     2026-01-01 03:27 +03:25,",
        "            KHÔNG tin được: chưa được chỉnh từ khi bật máy,",
        "            xét hạn theo 2026-02-01 03:25 +03:25 hoặc muộn hơn",
        "bộ quy tắc  v-1, áp dụng ở đây đã 59 giây,",
        "            sau đó v-2 từ 2026-01-08 03:25 +03:25,",
        "            bản mới hơn BỊ TỪ CHỐI: p:1:1: x",
        "tin cậy     trust.json, cũ 5 giây",
        "niêm phong  khoá của hôm nay (2026-01-01 UTC)",
        "từ hub      bộ quy tắc bản 2026-01-01 03:25 +03:25, danh sách tin cậy chưa có,",
        "            bản mới hơn BỊ TỪ CHỐI: dành cho máy quét khác",
        "phần cứng   61,0 °C, THIẾU ĐIỆN ÁP, bộ nhớ trống 512 trên 1024 MB,",
        "            thẻ nhớ còn trống 1024 MB, canh dịch vụ 10 giây, canh máy 15 giây",
        "CÓ LỖI      under-voltage: nguồn điện quá yếu: dùng nguồn 5,1 V 3 A và dây ngắn",
    ]


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_table_fits_80_columns_with_words_for_everything(
    config: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    advice = "the clock is more than a day off and not believed: check its time server, or let it reach its hub"
    told = {
        **TOLD,
        "state": "not-enrolled",
        "startup": {"waits": "enrol this gate (gate-scanner enrol CODE)", "enrolment": "the code is wrong " * 9},
        "camera": {
            **TOLD["camera"],
            "alive": False,
            "lost": "no frame; " * 30,
            "wall": {"seccomp": False, "landlock": 0},
        },
        "sealing": {"key_day": "2026-01-01", "today": "2026-01-02", "late": True},
        "troubles": [{"what": "clock", "do": advice}],
    }
    with running(ControlSocket(config.parent, {"status": lambda _terms: told})):
        assert said(config, "--lang", language) == 1
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert [word for word in ("True", "False", "None", "late ", "Z,", "T00:") if word in out] == []


def test_a_gate_that_is_well_ends_with_0_whatever_it_cannot_tell(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: dict[str, Any] = {
        **TOLD,
        "state": None,
        "camera": {**TOLD["camera"], "alive": False, "decode_ms": None, "engines": []},
        "scans": {"today": None, "last_at": None, "lamp_ms_p50": None, "passed": 12},
        "queue": {"error": "no ledger yet"},
        "link": None,
        "clock": {"trusted": True, "now": "2026-01-01T00:02:00Z", "judged": None, "judged_known": None},
        "machine": {**dict.fromkeys(TOLD["machine"]), "hardware_watchdog": {"armed": False}},
        "troubles": [],
    }
    with running(ControlSocket(config.parent, {"status": lambda _terms: told})):
        assert said(config) == 0
    out = capsys.readouterr().out
    assert "camera     picamera2 not open" in out
    assert "queue      no ledger yet\n" in out
    assert "12 walked through since the start" in out
    assert "machine    watchdog of the service off, watchdog of the machine NOT armed\n" in out
    assert out.endswith("well       nothing to do\n")


def test_machines_get_the_object_as_it_is_and_the_same_exit_code(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(ControlSocket(config.parent, {"status": lambda _terms: TOLD})):
        assert said(config, "--json") == 1
    assert json.loads(capsys.readouterr().out) == TOLD


def test_a_weak_power_supply_and_a_slow_camera_are_told_since_when_and_of_how_much() -> None:
    machine = {**TOLD["machine"], "under_voltage_since_start": True, "under_voltage_since_boot": None}
    camera = {
        **TOLD["camera"],
        "fps": 2.0,
        "asked_fps": 15,
        "slow": "the camera gives 2 frames a second, 15 were asked",
    }
    told = dict(lines_of({**TOLD, "machine": machine, "camera": camera}))
    assert "power good (it was not, since the gate started)" in told["machine"]
    assert "2.0 frames a second of 15 asked" in told["camera"]


VIEW = {
    "sensor": "imx708",
    "mode": [2304, 1296],
    "bit_depth": 10,
    "size": [1496, 842],
    "frame_rate": 15,
    "width_share": 0.999,
    "height_share": 1.0,
    "busy_ms": 38.5,
}


@pytest.mark.parametrize(
    ("view", "lang", "words"),
    [
        (
            VIEW,
            "en",
            ["imx708 seen to 100% of its width", "asked for 1496x842 at 15 a second", "a busy frame takes 38.5 ms"],
        ),
        (
            VIEW,
            "vi",
            ["imx708 thấy 100% bề ngang", "yêu cầu 1496x842, 15 hình mỗi giây", "hình khó mất 38,5 ms"],
        ),
        ({**VIEW, "sensor": None, "width_share": 0.5}, "en", ["the sensor seen to 50% of its width"]),
    ],
)
def test_people_are_told_how_much_of_its_sensor_a_camera_shows_and_at_what_pace(
    view: dict[str, Any], lang: str, words: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {**TOLD, "camera": {**TOLD["camera"], "view": view}}
    with running(ControlSocket(config.parent, {"status": lambda _terms: told})):
        said(config, "--lang", lang)
    out = " ".join(capsys.readouterr().out.split())
    assert all(phrase in out for phrase in words)


def test_a_camera_without_a_sensor_that_is_known_is_told_without_one(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {**TOLD, "camera": {**TOLD["camera"], "view": {**VIEW, "width_share": None, "busy_ms": None}}}
    with running(ControlSocket(config.parent, {"status": lambda _terms: told})):
        said(config)
    out = " ".join(capsys.readouterr().out.split())
    assert "asked for 1496x842 at 15 a second, engines zxing" in out
    assert "of its width" not in out


def test_a_link_over_which_nothing_had_to_go_is_not_called_untried(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = {"state": "untried", "since_s": 190, "error": None, "last_success_s": None}
    with running(ControlSocket(config.parent, {"status": lambda _terms: {**TOLD, "link": link}})):
        said(config)
    out = " ".join(capsys.readouterr().out.split())
    assert "link nothing to deliver since the start clock" in out
