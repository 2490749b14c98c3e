"""``./setup.sh bench camera``: how much of its sensor each Pi camera shows, and what pace this machine can keep up.

The sensors are tables (`tests.support.sensors`), chosen from as picamera2 does when nobody names a mode, and as the
gate does; the pace is measured with the gate's own decoder.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from typing import Final

from device.camera import CameraPlan
from device.camera.sensor_modes import configure
from device.clock import SystemClock
from device.decoder import Cascade
from device.decoder.selftest import fit_engines
from device.decoder.tries import chain
from device.eye.pace import settled
from tests.support.sensors import SENSORS, SensorCamera, chosen_by_picamera2

SIZE: Final = (1296, 972)
LEAST_SHARE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of one sensor.

    Attributes:
        sensor: its name.
        by_picamera2: share of its width when picamera2 chooses the mode.
        by_us: the same when the gate does.
        mode: the one that the gate takes.
        size: of the stream then.
        tries: configurations that took.
    """

    sensor: str
    by_picamera2: float
    by_us: float
    mode: tuple[int, int]
    size: tuple[int, int]
    tries: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench camera`` takes."""
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(args: argparse.Namespace) -> int:
    """Print what each sensor shows and the pace of this machine; 0 when each shows at least 95 % of its width."""
    seen = [_seen(camera) for camera in map(SensorCamera, SENSORS)]
    began_s = time.monotonic()
    decoder = Cascade(chain(fit_engines()[0]))
    made_s = time.monotonic()
    plan, million_us = settled(CameraPlan("picamera2", width=0, height=0, frame_rate=0), decoder, SystemClock())
    pace = {
        "busy_ms_a_megapixel": million_us / 1000,
        "size": (plan.width, plan.height),
        "frame_rate": plan.frame_rate,
        "measured_in_s": round(time.monotonic() - made_s, 2),
        "decoder_made_in_s": round(made_s - began_s, 2),
    }
    if args.json:
        print(json.dumps({"sensors": [asdict(one) for one in seen], "pace": pace}))
    else:
        print(f"{'sensor':9} {'picamera2 alone':>15} {'the gate':>9}  read out as  stream     tries")
        for one in seen:
            mode, size = ("{}x{}".format(*pair) for pair in (one.mode, one.size))
            print(f"{one.sensor:9} {one.by_picamera2:15.1%} {one.by_us:9.1%}  {mode:11}  {size:9}  {one.tries}")
        print(f"pace here: {', '.join(f'{name} {value}' for name, value in pace.items())}")
    return 0 if min(one.by_us for one in seen) >= LEAST_SHARE else 1


def _seen(camera: SensorCamera) -> Seen:
    alone = chosen_by_picamera2(camera.sensor, SIZE).share_of_width()
    view = configure(camera, SIZE, 15)
    ours = camera.share_of_width()
    return Seen(camera.sensor.name, round(alone, 3), round(ours, 3), view.mode, view.size, len(camera.configured))
