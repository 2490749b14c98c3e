"""Builds the eye, and the ladder above it for a camera that stays lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from device.app.site_plans import camera_plan
from device.app.status_report import StatusReport
from device.clock import Clock
from device.eye import ChildEye, EyeLimits, EyeReports
from device.eye.recovery import DAY_S, REBOOTED, RESTARTED, Attempts, RecoveringEye, ask_for_reboot
from device.monitor.control_socket import runtime_folder
from device.monitor.health import Health
from device.settings.schema import Site


def eye_of(
    site: Site, clock: Clock, health: Health, report: StatusReport, restart: Callable[[], None]
) -> RecoveringEye:
    """Build the eye; nothing is started.

    Args:
        site: the checked site file.
        clock: paces it.
        health: is told what happens to it.
        report: tells about it.
        restart: ends the service with a failure.
    """
    limits = EyeLimits(site.camera.silent_after_ms / 1000, site.camera.start_deadline_ms / 1000)
    reports = EyeReports(health.eye_failed, health.eye_step, health.engine_crashed, health.engines_are)
    eye = ChildEye(camera_plan(site).to_json(), clock, limits, reports=reports)
    attempts = Attempts(site.store.folder, clock)
    report.add_eye(eye, lambda: {kind: attempts.within(kind, DAY_S) for kind in (RESTARTED, REBOOTED)})
    reboot = partial(ask_for_reboot, runtime_folder())
    return RecoveringEye(eye, attempts, clock, restart, reboot, site.camera.reboots_a_day)
