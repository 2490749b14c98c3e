"""The gate's camera, eye and service on real picamera2 and real libcamera, whose virtual camera shows JPEG files."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from device.store.reading import LedgerReader
from tests.appliance.machine import CARD

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1500)]
Seen = dict[str, Any]


def test_frames_are_luma_planes_with_numbers_and_times_that_move(seen_by_camera: Seen) -> None:
    frames = seen_by_camera["frames"]
    assert (frames["shapes"], frames["types"], frames["own_rows"]) == ([[972, 1296]], ["uint8"], True)
    assert all(before < after for before, after in pairwise(frames["seq"]))
    assert all(before <= after for before, after in pairwise(frames["captured_ms"]))
    assert 0 <= frames["late_ms"] < 1000  # the sensor's clock is the gate's clock
    assert frames["levels"][1] - frames["levels"][0] > 100


def test_the_configuration_is_read_back_and_only_offered_controls_are_set(seen_by_camera: Seen) -> None:
    frames = seen_by_camera["frames"]
    assert frames["stream"] == {"format": "NV12", "size": [1296, 972], "stride": 1296}
    assert frames["offered"] == ["FaceDetectMode", "FrameDurationLimits"]
    assert frames["set"] == ["FrameDurationLimits"]


def test_a_camera_that_is_held_or_not_there_is_named(seen_by_camera: Seen) -> None:
    trouble = seen_by_camera["trouble"]
    assert trouble["busy"].startswith("CameraUnavailable: camera.source: the camera cannot be opened (")
    assert "another program" not in trouble["busy"]
    assert trouble["wrong_number"].startswith(
        "CameraUnavailable: camera.picamera2.index: there is no camera 3; found: 1"
    )
    (lost,) = seen_by_camera["no_camera"]["lost"]
    assert lost.startswith("camera.source: no camera was found")


def test_a_camera_that_stops_is_told_within_seconds_and_can_be_opened_again(seen_by_camera: Seen) -> None:
    trouble = seen_by_camera["trouble"]
    assert trouble["lost"].startswith("CameraLost: the camera gave no frame within a second")
    assert trouble["lost_s"] + trouble["closed_s"] < 5
    assert trouble["again"] == [972, 1296]


def test_twenty_openings_leave_nothing_behind(seen_by_camera: Seen) -> None:
    cycles = seen_by_camera["cycles"]
    assert len(set(cycles["descriptors"])) == 1
    assert len(set(cycles["threads"])) == 1
    assert max(cycles["resident_kb"][10:]) < max(cycles["resident_kb"][:10]) + 20_000


def test_the_eye_reads_the_card_and_a_killed_eye_is_replaced(seen_by_camera: Seen) -> None:
    eye = seen_by_camera["eye"]
    assert eye["payloads"] == [CARD]
    assert (eye["sights"], eye["processes"]) == (20, 2)
    assert eye["reasons"] == ["the eye ended"]
    assert "zxing" in eye["engines"]


def test_the_service_answers_a_visitor_and_writes_one_check_in(seen_by_camera: Seen) -> None:
    service = seen_by_camera["service"]
    assert (service["code"], service["state"]) == (0, "ready")
    (answer,) = [line for line in service["lines"] if " event=checked-in " in line]
    assert " seq=1 " in answer
    with LedgerReader(seen_by_camera["beside"] / "store") as ledger:
        assert [row.seq for row in ledger.rows()] == [1]


def test_without_a_camera_the_service_stays_up_shows_fault_and_says_so_in_one_line(seen_by_camera: Seen) -> None:
    service = seen_by_camera["service"]
    assert (service["code_without_camera"], service["state_without_camera"]) == (0, "fault")
    assert (
        sum(
            "event=eye-lost reason='camera.source: no camera was found" in line
            for line in service["lines_without_camera"]
        )
        == 1
    )
