"""The eye of a gate: the process with camera and decoder, and the recovery of a camera that stays lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from device.app.site_plans import camera_plan
from device.camera import CameraPlan
from device.clock import Clock
from device.eye import EyeLimits, EyeReports, SupervisedEye
from device.eye.process import SOCKET_VARIABLE, StartEye, connect_to_unit, start_child
from device.eye.recovery import Attempts, RecoveringEye, ask_for_reboot
from device.eye.settings import EyeSettings
from device.eye.wall import WallPlan
from device.model import CameraView
from device.monitor.control_socket import runtime_folder
from device.monitor.health import Health
from device.settings.schema import Site

MOST_FRAME_RATE: Final = 60
"""More no site file may ask of a camera."""


class _Counting(EyeReports):
    """Counts what happens to the eye.

    Args:
        health: where.
        plan: what is asked of the camera; of a replay nothing, and where the eye chooses, it says what.
    """

    def __init__(self, health: Health, plan: CameraPlan) -> None:
        live = plan.source == "picamera2"
        self._health, self._chooses = health, live and not plan.frame_rate
        health.expect_rate(plan.frame_rate or None if live else None)

    def failed(self, reason: str) -> None:
        self._health.eye_failed(reason)

    def step(self, step: str) -> None:
        self._health.eye_step(step)

    def crashed(self, engine: str) -> None:
        self._health.engine_crashed(engine)

    def engines(self, in_use: tuple[str, ...], left_out: tuple[str, ...]) -> None:
        self._health.engines_are(in_use, left_out)

    def view(self, view: CameraView) -> None:
        if self._chooses:  # within what a site file may ask, whatever it says
            self._health.expect_rate(min(view.frame_rate, MOST_FRAME_RATE))


def eye_of(site: Site, clock: Clock, health: Health) -> SupervisedEye:
    """Build the process that sees; nothing is started.

    Args:
        site: the checked site file.
        clock: paces it.
        health: counts what happens to it.
    """
    limits = EyeLimits(site.camera.silent_after_ms / 1000, site.camera.start_deadline_ms / 1000)
    hidden = [folder for folder in (site.store.folder, runtime_folder()) if folder is not None]
    wall = WallPlan(tuple(str(folder.absolute()) for folder in hidden), site.camera.unwalled_ok)
    plan = camera_plan(site)
    settings = EyeSettings(plan, wall, site.log.level.value)
    return SupervisedEye(
        settings.to_json(),
        clock,
        limits,
        start=way_to_start(),
        reports=_Counting(health, plan),
        may_end=plan.source == "replay",
        quiet_settings=replace(settings, prints=site.log.level.value == "debug").to_json(),
    )


def way_to_start(environment: Mapping[str, str] = os.environ) -> StartEye:
    """Return how an eye is started: by its unit where the service is told of one, else as a child; never the other.

    Args:
        environment: of the service.
    """
    path = environment.get(SOCKET_VARIABLE)
    return partial(connect_to_unit, Path(path)) if path else start_child


def recovering(
    site: Site, eye: SupervisedEye, attempts: Attempts, clock: Clock, fail: Callable[[], None]
) -> RecoveringEye:
    """Build the last steps for a camera that stays lost, above *eye*.

    Args:
        site: the checked site file.
        eye: whose sights pass.
        attempts: what was tried.
        clock: tells how long there were no sights.
        fail: ends the service with a failure.
    """

    def reboot() -> None:
        ask_for_reboot(runtime_folder())

    start_s = site.camera.start_deadline_ms / 1000
    return RecoveringEye(eye, attempts, clock, fail, reboot, site.camera.reboots_a_day, start_s)
