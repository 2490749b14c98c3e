"""Site plans: a checked site file, translated into the plain values that each part of the gate takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from device.camera import CameraPlan
from device.gate.presence import Presence, PresenceLimits
from device.indicator.pins import ButtonPin, OutputPin, PinPlan
from device.model import Claim
from device.policy import Policy
from device.settings.choices import AtCap, CameraSource
from device.settings.schema import Site
from device.settings.wiring import INPUTS, PinsSection
from device.store.limits import Limits

REPLAY: Final = CameraPlan("replay")
"""Size and rate of pictures whose site file leaves them open."""


def camera_plan(site: Site) -> CameraPlan:
    """Translate the ``camera:`` section for the eye: it measures what a Pi camera is left free in, a replay is not."""
    camera, pi, replay = site.camera, site.camera.picamera2, site.camera.replay
    free = (0, 0, 0) if camera.source is CameraSource.PICAMERA2 else (REPLAY.width, REPLAY.height, REPLAY.frame_rate)
    width, height = camera.size or free[:2]
    return CameraPlan(
        source=camera.source.value,
        width=width,
        height=height,
        frame_rate=camera.frame_rate or free[2],
        index=pi.index,
        focus_mm=pi.focus_distance_mm,
        max_exposure_us=pi.max_exposure_ms * 1000,
        flicker_hz=pi.anti_flicker_hz or 0,
        replay_path=str(replay.path or ""),
        show_ms=replay.show_ms,
        gap_ms=replay.gap_ms,
        at_end=replay.at_end.value,
    )


def pin_plan(pins: PinsSection) -> PinPlan:
    """Translate the ``pins:`` section for `device.indicator.pins`."""
    outputs = {line: OutputPin(out.pin, active_high=out.active_high) for line, out in pins.outputs.items()}
    if pins.buzzer is not None and pins.buzzer.sort == "passive":
        line = next(line for line, out in pins.outputs.items() if out is pins.buzzer)
        outputs[line] = OutputPin(pins.buzzer.pin, active_high=pins.buzzer.active_high, tone_hz=pins.buzzer.tone_hz)
    inputs = {name: ButtonPin(section.pin, pull_up=section.pull_up) for name, section in pins.inputs.items()}
    if pins.passage is not None:
        inputs["passage"] = replace(inputs["passage"], steady_s=pins.passage.steady_ms / 1000)
    button, switch, passage = (inputs.get(name) for name in INPUTS)
    return PinPlan(pins.driver.value, outputs, button, pins.chip, switch, passage)


def inline_policy(site: Site) -> Policy:
    """Translate the small form of the ``policy:`` section for `device.policy`."""
    rules = site.policy
    return Policy(rules.version, frozenset(rules.accept), rules.weak_reading, rules.repeat_window_ms)


def store_limits(site: Site) -> Limits:
    """Translate the ``store:`` section for `device.store`."""
    store = site.store
    drop = store.at_cap is AtCap.DROP_OLDEST_DELIVERED
    return Limits(store.max_rows, store.max_size_bytes, drop_delivered=drop, volatile_ok=store.volatile_ok)


def presence(site: Site, recognise: Callable[[bytes], Claim]) -> Presence:
    """Make the presence rules of the site."""
    limits = PresenceLimits(site.presence.absence_ms, site.presence.unreadable_after_ms, site.presence.still_after_ms)
    return Presence(recognise, limits, site.place.location_qr)
