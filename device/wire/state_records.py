"""How a gate stands, as `device.wire.state` writes it and reads it."""

from __future__ import annotations

from dataclasses import dataclass

from device.wire.bundle import BundleKind


@dataclass(frozen=True, slots=True)
class CameraState:
    """How the camera stands.

    Attributes:
        source: ``camera.source`` of the site file.
        alive: whether it sees.
        fps_tenths: what it gives, in tenths of a frame a second; ``None`` before the first.
        decode_us: what the decoder takes for a frame, the median; ``None`` before the first.
        width_permille: how much of the sensor's width is used, in thousandths; ``None`` where nobody knows.
        height_permille: of its height.
    """

    source: str
    alive: bool
    fps_tenths: int | None
    decode_us: int | None
    width_permille: int | None
    height_permille: int | None


@dataclass(frozen=True, slots=True)
class QueueState:
    """What waits for the centre: how many check-ins, how many it could not take, and for how long the oldest does."""

    waiting: int
    parked: int
    oldest_s: int | None


@dataclass(frozen=True, slots=True)
class ClockTrust:
    """How far the clock can be trusted.

    Attributes:
        wall_ms: what it says, Unix ms.
        trusted: whether a time server keeps it.
        known: whether the gate knows the time, by that or by the centre's word.
        doubted: whether it calls itself kept and stands more than a day off.
    """

    wall_ms: int
    trusted: bool
    known: bool
    doubted: bool


@dataclass(frozen=True, slots=True)
class PolicyState:
    """The policy in force: its name (cut short), for how long, and whether a newer one was refused."""

    version: str
    age_s: int
    refused: bool


@dataclass(frozen=True, slots=True)
class BundleState:
    """One bundle of the centre: its version and age (``None`` for none), whether it is out of date, or was refused."""

    kind: BundleKind
    version: int | None
    age_s: int | None
    old: bool
    refused: bool


@dataclass(frozen=True, slots=True)
class MachineState:
    """The machine: degrees Celsius in tenths, whether the power supply is or was too weak, MB free on the card."""

    temperature_tenths: int | None
    under_voltage: bool | None
    disk_free_mb: int | None


@dataclass(frozen=True, slots=True)
class GateState:
    """How a gate stands.

    Attributes:
        version: of the software.
        lamps: what they say at rest (`device.model.Cue`).
        uptime_s: since the service started.
        restarts: how often it was seen to start in this series.
        camera: the camera.
        queue: what waits; ``None`` when the ledger cannot be read.
        clock: the clock.
        policy: the policy.
        bundles: each kind this gate takes.
        machine: the machine.
        troubles: what a person would act on, as words (`device.monitor.alerts`).
        series: which counts these are.
        unplaced: how many things were counted that have no hour.
    """

    version: str
    lamps: str
    uptime_s: int
    restarts: int
    camera: CameraState
    queue: QueueState | None
    clock: ClockTrust
    policy: PolicyState
    bundles: tuple[BundleState, ...]
    machine: MachineState
    troubles: tuple[str, ...]
    series: str
    unplaced: int


@dataclass(frozen=True, slots=True)
class StateAnswer:
    """Which hours the centre has counted, and which it never will; as hours since 1970."""

    taken: frozenset[int]
    refused: frozenset[int] = frozenset()
