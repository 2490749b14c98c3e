"""Pydantic models of the state report and its answer, for OpenAPI only, like `device.hub.api.schemas`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from device.hub.api.document_bases import Closed, Extensible, Milliseconds
from device.model import HOUR_TEXT, MOST_COUNT, Count
from device.strict_json import MOST_INT
from device.wire import state
from device.wire.bundle import BundleKind

_Whole = Annotated[int, Field(ge=0, le=state.MOST_S)]
_Word = Annotated[str, Field(pattern=f"^{state.WORD.pattern}$")]
_Hour = Annotated[str, Field(pattern=f"^{HOUR_TEXT.pattern}$", description="an hour, UTC")]
_Number = Annotated[int, Field(ge=0, le=MOST_COUNT)]


class CameraFields(Closed):
    """How the camera stands; null is "not known"."""

    source: _Word
    alive: bool
    fps_tenths: Annotated[int | None, Field(ge=0, le=10_000, description="frames a second, measured, in tenths")]
    decode_us: Annotated[int | None, Field(ge=0, le=60_000_000, description="what the decoder takes, the median")]
    width_permille: Annotated[int | None, Field(ge=0, le=1000, description="of the sensor's width")]
    height_permille: Annotated[int | None, Field(ge=0, le=1000, description="of the sensor's height")]


class QueueFields(Closed):
    """Check-ins that are not delivered."""

    waiting: _Whole
    parked: Annotated[_Whole, Field(description="that the centre could not take")]
    oldest_s: Annotated[_Whole | None, Field(description="for how long the oldest waits")]


class ClockFields(Closed):
    """How far the gate's clock can be trusted."""

    wall_ms: Milliseconds
    trusted: Annotated[bool, Field(description="a time server keeps it")]
    known: Annotated[bool, Field(description="by that, or by the centre's word")]
    doubted: Annotated[bool, Field(description="it calls itself kept, and stands more than a day off")]


class PolicyFields(Closed):
    """The policy in force."""

    version: Annotated[str, Field(max_length=100, description="cut short")]
    age_s: _Whole
    refused: Annotated[bool, Field(description="a newer one has mistakes")]


class BundleFields(Closed):
    """What is in force of one kind of bundle."""

    kind: BundleKind
    version: Annotated[int | None, Field(ge=0, le=MOST_INT)]
    age_s: _Whole | None
    old: Annotated[bool, Field(description="out of date")]
    refused: Annotated[bool, Field(description="a newer one was not taken")]


class MachineFields(Closed):
    """The machine; null is "not known"."""

    temperature_tenths: Annotated[int | None, Field(ge=-1000, le=2000, description="degrees Celsius, in tenths")]
    under_voltage: Annotated[bool | None, Field(description="the power supply is too weak, or was since the start")]
    disk_free_mb: _Whole | None


class StateQuestion(Closed):
    """How a gate stands; totals only, 2 KiB at most."""

    contract: Literal["gate/1"]
    version: Annotated[str, Field(pattern=f"^{state.VERSION.pattern}$")]
    lamps: Annotated[_Word, Field(description="what they say at rest")]
    uptime_s: _Whole
    restarts: Annotated[_Whole, Field(description="how often it was seen to start in this series")]
    camera: CameraFields
    queue: Annotated[QueueFields | None, Field(description="null: the ledger cannot be read")]
    clock: ClockFields
    policy: PolicyFields
    bundles: Annotated[list[BundleFields], Field(max_length=len(BundleKind))]
    machine: MachineFields
    troubles: Annotated[
        list[_Word], Field(max_length=state.MOST_TROUBLES, description="what a person would act on: monitor/alerts.py")
    ]
    series: Annotated[str, Field(pattern=f"^{state.SERIES.pattern}$", description="which counts these are")]
    unplaced: Annotated[_Whole, Field(description="counted, and in no hour")]
    hours: Annotated[
        list[tuple[_Hour, _Number, _Number, _Number, _Number, _Number, _Number, _Number]],
        Field(max_length=state.MOST_HOURS, description=f"hour, {', '.join(Count)}; the oldest first"),
    ]


class StateAnswerDocument(Extensible):
    """Which hours need not be sent again as they are."""

    contract: Literal["gate/1"]
    taken: Annotated[list[_Hour], Field(max_length=state.MOST_HOURS, description="counted")]
    refused: Annotated[list[_Hour], Field(max_length=state.MOST_HOURS, description="too far from now")]
