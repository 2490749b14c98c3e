"""Causes of a camera that cannot be opened, with the texts that the libraries really raise."""

from __future__ import annotations

import re

import pytest

from device.camera.causes import CAUSES, MOST_TO_DO, MOST_WORDS, cause_of, not_opened, own_words
from device.eye.messages import Lost, encode

ENOMEM = OSError(12, "Cannot allocate memory")
TYPES = {"main": {"format": "XBGR8888", "size": (1296, 972), "preserve_ar": True}, "lores": {"format": "YUV420"}}
MET: tuple[tuple[Exception, str], ...] = (
    (ENOMEM, "cma-256"),
    (RuntimeError("Failed to start camera: Cannot allocate memory"), "cma-256"),
    (RuntimeError("Failed to allocate buffers."), "cma-256"),
    (RuntimeError("failed to allocate capture buffers for stream 0"), "cma-128"),
    (MemoryError(), "cma-256"),
    (RuntimeError("Failed to acquire camera: Device or resource busy"), "nobody was found who holds it"),
    (OSError(16, "Device or resource busy"), "nobody was found who holds it"),
    (RuntimeError("Failed to configure camera: Invalid argument"), "rpicam-hello --list-cameras"),
    (RuntimeError(f"Configuration failed: {TYPES}"), "rpicam-hello --list-cameras"),
    (RuntimeError(f"Invalid camera configuration: {TYPES}"), "rpicam-hello --list-cameras"),
    (IndexError(), "USB"),
    (AttributeError("'NoneType' object has no attribute 'transform'"), "USB"),
    (RuntimeError("lores stream must be YUV"), "USB"),
    (RuntimeError("Tuning file not found"), "libcamera-ipa"),
    (
        FileNotFoundError(2, "No such file or directory", "/usr/share/libcamera/ipa/rpi/vc4/ipa_rpi_vc4.so"),
        "libcamera-ipa",
    ),
    (PermissionError(13, "Permission denied", "/dev/dma_heap/linux,cma"), "group video"),
    (RuntimeError("Failed to acquire camera: Permission denied"), "group video"),
    (RuntimeError("Could not open any dmaHeap device"), "group video"),
    (TimeoutError(), "ribbon"),
    (RuntimeError("Failed to start camera: Connection timed out"), "ribbon"),
    (RuntimeError("Failed to start camera: Remote I/O error"), "ribbon"),
    (RuntimeError("Failed to acquire camera: No such device"), "ribbon"),
    (OSError(25, "Inappropriate ioctl for device"), "full-upgrade"),
    (RuntimeError("Failed to configure camera: Function not implemented"), "full-upgrade"),
    (RuntimeError("camera firmware is too old"), "full-upgrade"),
    (ImportError("libcamera-base.so.0.3: cannot open shared object file: No such file or directory"), "do not fit"),
    (RuntimeError("Camera(s) not found (Do not forget to disable legacy camera with raspi-config)."), "raspi-config"),
    (OSError(24, "Too many open files"), "run out"),
)


@pytest.mark.parametrize(("error", "do"), MET, ids=lambda value: value if isinstance(value, str) else str(value)[:40])
def test_each_cause_is_told_in_its_own_words_with_what_to_do(error: Exception, do: str) -> None:
    told = not_opened(error, "")
    assert f"({own_words(error)})" in told
    assert type(error).__name__ in told
    assert str(error)[:50] in told
    assert len(encode(Lost(told))) - len(encode(Lost(""))) == len(told.encode()), "it is told whole"
    assert do in told.split("; ", 1)[1]
    assert "another program" not in told


def test_a_size_that_is_refused_names_its_key() -> None:
    assert not_opened(RuntimeError("Failed to configure camera: Invalid argument"), "").startswith("camera.size: ")


def test_a_cause_that_nobody_knows_is_told_in_its_own_words_and_nothing_is_guessed() -> None:
    told = not_opened(RuntimeError("the frobnicator is unwell"), "")
    assert told == "camera.source: the camera cannot be opened (RuntimeError: the frobnicator is unwell)"


@pytest.mark.parametrize("error", [RuntimeError("Failed to acquire camera: Device or resource busy"), RuntimeError()])
def test_whoever_holds_it_is_named_where_one_was_found(error: Exception) -> None:
    assert not_opened(error, "rpicam-hello (process 812)").endswith(
        "; it is held by rpicam-hello (process 812): end that"
    )


def test_a_holder_of_another_camera_is_not_blamed_for_a_lack_of_memory() -> None:
    assert "812" not in not_opened(ENOMEM, "rpicam-hello (process 812)")


def test_what_picamera2_hides_behind_its_own_error_is_told() -> None:
    hiding = RuntimeError("Camera __init__ sequence did not complete.")
    hiding.__context__ = RuntimeError("Failed to acquire camera: Device or resource busy")
    assert own_words(hiding) == "RuntimeError: Failed to acquire camera: Device or resource busy"


class Worse(Exception):
    def __str__(self) -> str:
        raise ValueError


def test_a_librarys_text_is_one_bounded_line_fit_for_a_terminal() -> None:
    told = own_words(RuntimeError("\n\x1b[31mred\u202e \r\n" + "second line\n" * 9))
    assert re.fullmatch(r"RuntimeError: \ufffd\[31mred\ufffd", told)
    assert len(own_words(RuntimeError("x" * 10_000))) == MOST_WORDS + 1
    assert own_words(Worse()) == "Worse"


def test_what_to_do_leaves_room_for_the_librarys_words() -> None:
    assert max(len(cause.do) for cause in CAUSES) <= MOST_TO_DO


def test_every_cause_of_the_table_is_met_by_a_text_of_this_file() -> None:
    assert {cause_of(error) for error, _ in MET} == set(CAUSES)
