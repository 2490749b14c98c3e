"""What a gate says of itself when all is well."""

from __future__ import annotations

from typing import Final

from device.wire.state_records import CameraState, ClockTrust, GateState, MachineState, PolicyState, QueueState

QUIET: Final = GateState(
    version="0.1.0",
    lamps="ready",
    uptime_s=3600,
    restarts=1,
    camera=CameraState(
        "picamera2", alive=True, fps_tenths=150, decode_us=21_000, width_permille=560, height_permille=560
    ),
    queue=QueueState(waiting=0, parked=0, oldest_s=None),
    clock=ClockTrust(wall_ms=1_796_018_400_000, trusted=True, known=True, doubted=False),
    policy=PolicyState("record-all", age_s=3600, refused=False),
    bundles=(),
    machine=MachineState(temperature_tenths=514, under_voltage=False, disk_free_mb=9_000),
    troubles=(),
    series="0123456789abcdef",
    unplaced=0,
)
