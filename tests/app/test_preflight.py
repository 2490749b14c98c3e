from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from device.app.preflight import check_files
from device.errors import ConfigurationError
from device.settings.load import parse
from tests.support.site_files import SITE

HUB = "hub: {url: 'https://hub.example.vn', ca_file: hub.pem}\n"
CAMERA = "camera: {source: replay, replay: {path: .}}"


def check(folder: Path, text: str = SITE) -> None:
    check_files(parse(text, folder=folder))


def test_a_site_whose_files_are_all_there_passes(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "hub.pem").touch()
    check(tmp_path, SITE + HUB)


def test_frames_that_will_come_through_a_pipe_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "frames")
    check(tmp_path, SITE.replace("path: .", "path: frames"))


def test_an_authority_of_the_hub_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(ConfigurationError, match=r"hub\.ca_file: there is no file .*/hub\.pem"):
        check(tmp_path, SITE + HUB)


def test_a_file_in_the_place_of_the_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "store").touch()
    with pytest.raises(ConfigurationError, match=r"store\.folder: .*/store is not a folder"):
        check(tmp_path)


def test_a_replay_without_pictures_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"camera\.replay\.path: the folder holds no pictures"):
        check(tmp_path)


@pytest.mark.skipif(find_spec("picamera2") is not None, reason="picamera2 is installed")
def test_a_camera_whose_driver_is_not_installed_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"camera\.source: picamera2 is not installed; run setup\.sh install"):
        check(tmp_path, SITE.replace(CAMERA, "camera: {source: picamera2}"))
