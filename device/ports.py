"""Every Protocol that touches the world, on one page.

Each has a real part and, where people work without a Pi, a simulated one, chosen by
configuration: see the table in DECISIONS.md. None falls back to another by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from device.model import Backlog, Batch, CheckIn, Cue, Frame, Receipt, Sight, Status, Symbol

if TYPE_CHECKING:
    from device.model import Luma


class Camera(Protocol):
    """Gives frames. Used on one thread of the eye process.

    `device.camera.pi` (picamera2) and `device.camera.replay` (photos, videos).
    """

    def __enter__(self) -> Self:
        """Open the camera; raises `CameraUnavailable` naming the YAML key to change."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the camera; never raises."""
        ...

    def capture(self) -> Frame | None:
        """Return the next frame, waiting at most about a second.

        ``None`` means that a replay has ended. Raises `CameraLost` when no frame came in time.
        """
        ...


class Decoder(Protocol):
    """Turns frames into symbols. Used on one thread; keeps state between frames (tries in turn)."""

    def decode(self, luma: Luma) -> tuple[tuple[Symbol, ...], bool]:
        """Decode one luma plane (H×W uint8).

        Returns the symbols, and whether a code was found that could not be decoded. Never raises
        on any picture.
        """
        ...


class Eye(Protocol):
    """The camera and the decoder, wherever they run."""

    def sights(self, stop: Event) -> Iterator[Sight]:
        """Yield a sight at least once a second until *stop* is set or a replay ends.

        Restarts what has failed by itself and yields ``lost`` sights meanwhile.
        """
        ...


class Indicator(Protocol):
    """Lamps and buzzer. Every call returns at once, on any thread."""

    def show(self, cue: Cue) -> None:
        """Play *cue* now; what was playing is cut off."""
        ...

    def rest_on(self, cue: Cue) -> None:
        """Set what is shown while nothing is played (READY, OFFLINE, FAULT…)."""
        ...

    def close(self) -> None:
        """Put every line to its safe level and let it go; may be called twice."""
        ...


class Ledger(Protocol):
    """The append-only record of check-ins. Used on the scan thread."""

    def record(self, check_in: CheckIn) -> int:
        """Seal and write one check-in durably (fsync) and return its sequence number.

        Raises `LedgerUnavailable` or `SealingUnavailable`: then nothing may light green.
        """
        ...


class Outbox(Protocol):
    """The same rows seen as not yet delivered. Used on the sync thread, on its own connection."""

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
        """Count what is there."""
        ...


class Uplink(Protocol):
    """Our side of the wire to the centre. Used on the sync thread."""

    def deliver(self, batch: Batch) -> Receipt:
        """Send one batch and return the centre's receipt, within a total deadline.

        Raises `UplinkError` (HubUnreachable, HubRefused, HubNonsense).
        """
        ...

    def close(self) -> None:
        """End a running request now; every later one is refused. Any thread, any number of times."""
        ...


class StatusSource(Protocol):
    """Where one asks the centre about a person. Used on the scan thread, on a connection of its own."""

    def ask(self, keys: tuple[str, ...], deadline_ms: int) -> Status:
        """Ask about the person with these numbers (`device.credential.keys_of`), within a total deadline.

        Raises `UplinkError` (HubUnreachable, HubRefused, HubNonsense); never with a number in its text.
        """
        ...


class ServiceNotifier(Protocol):
    """What the service tells systemd; silent where there is no systemd."""

    def ready(self) -> None:
        """Tell that the gate can answer a visitor, or shows that it cannot."""
        ...

    def alive(self) -> None:
        """Feed the watchdog."""
        ...

    def status(self, text: str) -> None:
        """Set the line `systemctl status` shows."""
        ...

    def stopping(self) -> None:
        """Tell that the service is going down on purpose."""
        ...
