"""Interfaces (Protocols) of everything that touches the world: camera, decoder, pins, ledger, network, systemd.

Each has a real implementation and, where people work without a Pi, a simulated one, chosen by
configuration: see the table in DECISIONS.md. None falls back to another by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import TYPE_CHECKING, Protocol, Self

from device.model import Backlog, Batch, CameraView, CheckIn, Cue, Frame, Receipt, Sight, Status, Symbol

if TYPE_CHECKING:
    from device.model import Luma


class Camera(Protocol):
    """A source of luma frames. Used on one thread of the eye process.

    `device.camera.pi` (picamera2) and `device.camera.replay` (photos, videos).

    Attributes:
        view: what it shows, once it is open; ``None`` where there is no sensor.
    """

    view: CameraView | None

    def __enter__(self) -> Self:
        """Open the camera; raises `CameraUnavailable` naming the YAML key to change."""
        ...

    def __exit__(self, *_: object) -> None:
        """Close the camera; never raises."""
        ...

    def capture(self) -> Frame | None:
        """Return the next frame, waiting at most about a second.

        ``None`` means that a replay has ended. Raises `CameraLost` when no frame came in time.
        """
        ...


class Decoder(Protocol):
    """QR decoder: luma planes in, symbols out. Used on one thread; keeps state between frames (tries in turn)."""

    def decode(self, luma: Luma) -> tuple[tuple[Symbol, ...], bool]:
        """Decode one luma plane (H×W uint8).

        Returns the symbols, and whether a code was found that could not be decoded. Never raises
        on any picture.
        """
        ...


class Eye(Protocol):
    """Camera and decoder together, in whichever process they run. Used on the scan thread."""

    def sights(self, stop: Event) -> Iterator[Sight]:
        """Yield a sight at least once a second until *stop* is set or a replay ends.

        Restarts what has failed by itself and yields ``lost`` sights meanwhile.
        """
        ...


class Indicator(Protocol):
    """Lamps, buzzer and relay. Every call returns at once, on any thread."""

    def show(self, cue: Cue) -> None:
        """Play *cue* now; what was playing is cut off."""
        ...

    def rest_on(self, cue: Cue) -> None:
        """Set what is shown while nothing is played (READY, OFFLINE, FAULT…)."""
        ...

    def close(self) -> None:
        """Switch every output off (its safe level) and release the pins; may be called twice."""
        ...


class Ledger(Protocol):
    """The append-only, durable record of check-ins. Used on the scan thread."""

    def record(self, check_in: CheckIn) -> int:
        """Seal and write one check-in durably (fsync) and return its sequence number.

        Raises `LedgerUnavailable` or `SealingUnavailable`: then nothing may light green.
        """
        ...


class Outbox(Protocol):
    """Delivery queue: the ledger's rows that are not yet delivered. Used on the sync thread, on its own connection."""

    def next_batch(self, most_rows: int, most_bytes: int) -> Batch | None:
        """Return the oldest undelivered rows in order, within both limits (at least one row).

        ``None`` when everything is delivered. Raises `LedgerUnavailable`.
        """
        ...

    def settle(self, batch: Batch, receipt: Receipt) -> None:
        """Mark rows delivered or parked, after the receipt and never before.

        Raises `WireError` when the receipt speaks of rows that were not in *batch* or rows before it are not
        delivered, `LedgerUnavailable` when *batch* is of another epoch; nothing is marked then.
        """
        ...

    def rewind(self, batch: Batch, cursor: int) -> None:
        """Offer rows before *batch* once more, those after *cursor* that are still here: the centre lacks them.

        Nothing changes for a batch of another epoch.
        """
        ...

    def backlog(self) -> Backlog:
        """Return how many rows are recorded, undelivered and parked, and when the oldest undelivered one was."""
        ...


class Uplink(Protocol):
    """Client of the centre that takes check-ins. Used on the sync thread."""

    def deliver(self, batch: Batch) -> Receipt:
        """Send one batch and return the centre's receipt, within a total deadline.

        Raises `UplinkError` (HubUnreachable, HubRefused, HubNonsense).
        """
        ...

    def close(self) -> None:
        """End a running request now; every later one is refused. Any thread, any number of times."""
        ...


class StatusSource(Protocol):
    """Status of a person, asked of the centre. Used on the scan thread, on a connection of its own."""

    def ask(self, keys: tuple[str, ...], deadline_ms: int) -> Status:
        """Ask about the person with these numbers (`device.credential.keys_of`), within a total deadline.

        Raises `UplinkError` (HubUnreachable, HubRefused, HubNonsense); never with a number in its text.
        """
        ...


class ServiceNotifier(Protocol):
    """Notifications to systemd (sd_notify); silent where there is no systemd. Any thread."""

    def ready(self) -> None:
        """Send READY: the gate can answer a visitor, or shows that it cannot."""
        ...

    def alive(self) -> None:
        """Send WATCHDOG: the scan loop turns."""
        ...

    def status(self, text: str) -> None:
        """Set the status text that `systemctl status` shows."""
        ...

    def stopping(self) -> None:
        """Send STOPPING: the service ends on purpose."""
        ...
