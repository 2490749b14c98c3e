"""Schema of the site file: its keys, their defaults (as one writes them) and one sentence each.

Durations are whole milliseconds (``_ms``), lengths whole millimetres (``_mm``). `Site` is made by
`device.settings.load` only: the rules that look at several keys at once are in `crosschecks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from device.enrolment.code import EnrolCode
from device.model import Beat, CodeKind, Cue, Direction, Output, Pattern, Place, Reason, WebhookField
from device.policy.cues import OWN_CUES, OWN_REASONS, PATTERNS
from device.policy.rules import ACCEPTED_UNNAMED
from device.settings import values as v
from device.settings.address import enrolment_code, file_path, hub_url, webhook_url
from device.settings.auto import auto_or
from device.settings.choices import AtCap, AtEnd, CameraSource, LogLevel, PlaceKind, Source, SyncKind
from device.settings.kinds_schema import KINDS, Stanced
from device.settings.section import Section, key
from device.settings.wiring import PinsSection
from device.words import sentence


class PlaceSection(Section):
    """Which registered place the gate guards; every check-in carries it."""

    name: Annotated[str, v.words(200)] = key("The place's registered name.", example="Trường THPT Hoa Phượng")
    kind: Annotated[PlaceKind, v.one_of(PlaceKind)] = key("What sort of place it is.", "other")
    province: Annotated[str, v.words(100)] = key("Province or city.", example="Hải Phòng")
    district: Annotated[str, v.words(100, may_be_empty=True)] = key("District; leave out where there is none.", "")
    ward: Annotated[str, v.words(100, may_be_empty=True)] = key("Ward or commune.", "")
    location_qr: Annotated[str, v.words(512, may_be_empty=True)] = key(
        "Text of the place's own location QR, or the id in it: the gate then ignores that poster.", ""
    )


class Picamera2Section(Section):
    """The Pi's own camera."""

    index: Annotated[int, v.number(0, 9)] = key("Which camera, counted from 0.", 0)
    focus_distance_mm: Annotated[int | None, v.focus_distance()] = key(
        "How far from the lens codes are held up; none for a module without a focus motor.",
        "20cm",
        name="focus_distance",
    )
    max_exposure_ms: Annotated[int, v.duration("1ms", "100ms")] = key(
        "Longest exposure: shorter smears less when a hand moves, longer sees more; lamps on 50Hz mains flicker "
        "every 10ms, and less than that shows their bands.",
        "10ms",
        name="max_exposure",
    )
    anti_flicker_hz: Annotated[int | None, v.one_of({"50Hz": 50, "60Hz": 60, "off": None})] = key(
        "Mains frequency of the lamps in the room (Vietnam: 50Hz).", "50Hz", name="anti_flicker"
    )


class ReplaySection(Section):
    """Pictures instead of a camera."""

    path: Annotated[Path, file_path()] | None = key("An image, a folder of images, or a .y4m video.", None)
    show_ms: Annotated[int, v.duration("10ms", "1h")] = key("How long each image is held up.", "1s", name="show")
    gap_ms: Annotated[int, v.duration("0s", "1h")] = key("Empty view after each image.", "1s", name="gap")
    at_end: Annotated[AtEnd, v.one_of(AtEnd)] = key("After the last picture: hold it, loop, or stop the gate.", "hold")


class CameraSection(Section):
    """Where frames come from."""

    source: Annotated[CameraSource, v.one_of(CameraSource)] = key("The Pi's camera, or pictures.", "picamera2")
    size: Annotated[tuple[int, int] | None, auto_or(v.size())] = key("Width x height in pixels, or auto.", "auto")
    frame_rate: Annotated[int | None, auto_or(v.number(1, 60))] = key("Frames a second, or auto.", "auto")
    silent_after_ms: Annotated[int, v.duration("1s", "60s")] = key(
        "A camera silent for so long is shown as out of service and started again.", "3s", name="silent_after"
    )
    start_deadline_ms: Annotated[int, v.duration("1s", "5m")] = key(
        "How long the camera may take to give its first frame.", "15s", name="start_deadline"
    )
    reboots_a_day: Annotated[int, v.number(0, 24)] = key(
        "How often in 24 hours the machine may boot anew for a camera that stays lost; 0: never.", 0
    )
    unwalled_ok: Annotated[bool, v.truth()] = key(
        "true also runs the camera's process where the kernel cannot wall it off (no seccomp): a hostile code that "
        "breaks the decoder then has the gate's rights.",
        "false",
    )
    picamera2: Picamera2Section = key("For source picamera2.", {})
    replay: ReplaySection = key("For source replay.", {})


class PresenceSection(Section):
    """When a held-up code is one presentation."""

    absence_ms: Annotated[int, v.duration("200ms", "60s")] = key(
        "A code gone for so long and shown again is a new presentation.", "1s", name="absence"
    )
    unreadable_after_ms: Annotated[int, v.duration("500ms", "60s")] = key(
        "A code seen for so long without being read gives the cue unreadable (come closer).",
        "2s",
        name="unreadable_after",
    )
    still_after_ms: Annotated[int, v.duration("10s", "1h")] = key(
        "A code that has not moved for so long is a poster and is ignored.", "60s", name="still_after"
    )


class PolicySection(Section):
    """What is accepted: a policy document of its own, or the few keys of the small form."""

    source: Annotated[Source, v.one_of(Source)] = key(
        "site: what is written here, or its file; hub: what the hub publishes, until then what is written here.",
        "site",
        name="from",
    )
    file: Annotated[Path, file_path()] | None = key("A policy document; then write nothing else in this section.", None)
    version: Annotated[str, v.words(64)] = key("Name of these rules; every check-in stores it.", "record-only-1")
    accept: Annotated[tuple[Annotated[CodeKind, v.one_of(KINDS)], ...], Field(min_length=1)] = key(
        "Kinds of code that let somebody in.", ACCEPTED_UNNAMED
    )
    weak_reading: Stanced = key(
        "What a bare citizen number means: grant, refer (a person must look), or deny.", "refer"
    )
    repeat_window_ms: Annotated[int, v.duration("0s", "24h")] = key(
        "The same person again within this time gets the first answer again, counted once.", "2m", name="repeat_window"
    )


class TrustSection(Section):
    """Whose signatures on health certificates (HC1) count. Without this section no signature is checked."""

    source: Annotated[Source, v.one_of(Source)] = key(
        "site: the file named here; hub: what the hub publishes.", "site", name="from"
    )
    file: Annotated[Path, file_path()] | None = key(
        "Trust list made by `gate-scanner trust compile`; read again when it changes.", None
    )


class BeatSection(Section):
    """These lines on, all others off, for a time."""

    lines: tuple[Annotated[Output, v.one_of(Output)], ...] = key(
        "What is on; [] is a pause.", example="[green, buzzer]"
    )
    ms: Annotated[int, v.duration("20ms", "10s")] = key("How long.", name="for", example="120ms")


Beats = Annotated[tuple[BeatSection, ...], Field(min_length=1, max_length=32)] | None


class CuesSection(Section):
    """Patterns of your own; a cue left out keeps its built-in one."""

    starting: Beats = key(sentence("The gate is starting."), None)
    ready: Beats = key(sentence("Waiting for a visitor."), None)
    granted: Beats = key(sentence("Come in; the only cue that may light green or hold the relay."), None)
    referred: Beats = key(sentence("A person must look."), None)
    denied: Beats = key(sentence("Not allowed in."), None)
    not_ours: Beats = key(sentence("A code, but none that says who somebody is."), None, name="not-ours")
    unreadable: Beats = key(sentence("Come closer."), None)
    several: Beats = key(sentence("One at a time."), None)
    offline: Beats = key(sentence("Works, but the queue to the hub is growing."), None)
    not_enrolled: Beats = key(sentence("The hub does not know this gate yet."), None, name="not-enrolled")
    revoked: Beats = key(sentence("The hub has withdrawn this gate."), None)
    config: Beats = key(sentence("The site file has mistakes."), None)
    fault: Beats = key(sentence("Out of service."), None)


class AnswerSection(Section):
    """What is shown for one reason."""

    reason: Annotated[Reason, v.one_of({str(reason): reason for reason in OWN_REASONS})] = key(
        "Why, as `gate-scanner why` says it.", example="no-data"
    )
    cue: Annotated[Cue, v.one_of({str(cue): cue for cue in OWN_CUES})] = key(
        "What is shown then, unless the visitor is let in.", example="not-ours"
    )


class StoreSection(Section):
    """Where check-ins are written."""

    folder: Annotated[Path, file_path()] = key(
        "Folder of ledger and keys, in full, on a real disk.", "/var/lib/gate-scanner"
    )
    max_rows: Annotated[int, v.number(1_000, 1_000_000)] = key("Most check-ins in the ledger.", 1_000_000)
    max_size_bytes: Annotated[int, v.megabytes(16, 16_000)] = key(
        "Largest size of the ledger; 150000 check-ins take about 70MB.", "700MB", name="max_size"
    )
    at_cap: Annotated[AtCap, v.one_of(AtCap)] = key(
        "When either is reached, or the card is full: drop_oldest_delivered deletes what the hub has already, "
        "refuse_new goes out of service. What the hub has not got is never deleted.",
        "drop_oldest_delivered",
    )
    keep_delivered_ms: Annotated[int, v.days(0, 3650)] = key(
        "Check-ins that the hub has are deleted here after so long.", "30d", name="keep_delivered"
    )
    volatile_ok: Annotated[bool, v.truth()] = key(
        "true also writes to a folder that a restart empties (memory, /tmp): a power cut takes every check-in.", "false"
    )


class HubSection(Section):
    """The central server. Without this section check-ins stay in the gate's queue."""

    url: Annotated[str, hub_url()] = key(
        "Address; http:// only to this same machine.", example="https://hub.example.vn", secret=True
    )
    ca_file: Annotated[Path, file_path()] | None = key("Certificate of a hub with a CA of its own.", None)
    enrol_code: Annotated[EnrolCode, enrolment_code()] | None = key(
        "Code from `hub code`, to enrol a gate that is not enrolled yet; used once.", None, secret=True
    )
    deadline_ms: Annotated[int, v.duration("1s", "5m")] = key("Longest wait for an answer.", "10s", name="deadline")
    interval_ms: Annotated[int, v.duration("100ms", "1h")] = key("Pause between deliveries.", "5s", name="interval")
    batch_rows: Annotated[int, v.number(1, 500)] = key("Most check-ins in one delivery.", 500)
    refresh_ms: Annotated[int, v.duration("10s", "24h")] = key(
        "How often the hub is asked for something new to take over (sealing keys, and what is left to it); it also "
        "tells so itself.",
        "15m",
        name="refresh",
    )


class WebhookSection(Section):
    """A server that is not ours; see webhook.md."""

    url: Annotated[str, webhook_url()] = key(
        "Where each check-in is posted; http:// only to this same machine.",
        example="https://records.example.vn/check-ins",
        secret=True,
    )
    sent: Annotated[tuple[Annotated[WebhookField, v.one_of(WebhookField)], ...], Field(min_length=1)] = key(
        "What it is told of a check-in.", name="fields", example="[time, direction, place, name]"
    )
    secret_file: Annotated[Path, file_path()] = key(
        "File with the text that signs each request; the server has the same.",
        example="webhook/secret",
    )
    private_key_file: Annotated[Path, file_path()] = key(
        "File that opens what is sealed on the card; with it and the card one reads who came.",
        example="webhook/private.key",
    )
    ca_file: Annotated[Path, file_path()] | None = key("Certificate of a server with a CA of its own.", None)
    deadline_ms: Annotated[int, v.duration("1s", "5m")] = key("Longest wait for an answer.", "10s", name="deadline")
    interval_ms: Annotated[int, v.duration("100ms", "1h")] = key("Pause between deliveries.", "5s", name="interval")


class SyncSection(Section):
    """Whom check-ins are sent to."""

    kind: Annotated[SyncKind, v.one_of(SyncKind)] = key("The hub, or a server that is not ours.", "hub")
    webhook: WebhookSection | None = key("For kind webhook.", None)


class LogSection(Section):
    """What is logged."""

    level: Annotated[LogLevel, v.one_of(LogLevel)] = key("How much.", "info")


class Site(Section):
    """The whole site file, checked."""

    place_section: PlaceSection = key("The place the gate guards.", name="place")
    direction: Annotated[Direction, v.one_of(Direction)] = key("Which way the gate leads.", "in")
    camera: CameraSection = key("Where frames come from.", {})
    pins: PinsSection = key("Lamps, buzzer, relay and button.")
    presence: PresenceSection = key("When a held-up code is one presentation.", {})
    policy: PolicySection = key("What is accepted.", {})
    trust: TrustSection | None = key("Whose certificates count.", None)
    cues: CuesSection = key("Patterns of your own for lamps and buzzer.", {})
    answers: Annotated[tuple[AnswerSection, ...], Field(min_length=1, max_length=64)] | None = key(
        "Which cue is shown for a reason; every other reason keeps that of its outcome.", None
    )
    store: StoreSection = key("Where check-ins are written.", {})
    hub: HubSection | None = key("The central server.", None)
    sync: SyncSection = key("Whom check-ins are sent to.", {})
    log: LogSection = key("What is logged.", {})

    @property
    def place(self) -> Place:
        """The place as every check-in carries it."""
        return Place(**self.place_section.model_dump(mode="json"))

    @property
    def own_cues(self) -> Mapping[Reason, Cue]:
        """The cue of each reason that was given one of its own."""
        return {answer.reason: answer.cue for answer in self.answers or ()}

    @property
    def patterns(self) -> Mapping[Cue, Pattern]:
        """The cues that were given patterns of their own."""
        given = {Cue(field.alias or name): getattr(self.cues, name) for name, field in CuesSection.model_fields.items()}
        return {
            cue: Pattern(tuple(Beat(frozenset(beat.lines), beat.ms) for beat in beats), PATTERNS[cue].repeats)
            for cue, beats in given.items()
            if beats
        }
