"""Exception hierarchy of the project: everything that is foreseen to go wrong, as one tree.

::

    GateScannerError
    ├── ConfigurationError        the technician must change the YAML; exit 78
    │   ├── ClockLeapt            the hub's clock stands far from where it stood: a person must confirm the day
    │   └── Complaints            every mistake of one file, by line and column
    ├── CameraError
    │   ├── CameraUnavailable     it cannot be opened (none there, busy, file missing)
    │   │   └── CameraLibraryUnfit  its library cannot be loaded: no other try in this process would
    │   └── CameraLost            it was open and stopped giving frames
    ├── DecoderUnfit              an engine failed its self-test and must not run
    ├── EyeError
    │   ├── EyeGone               its process ended or fell silent
    │   ├── EyeNonsense           it sent bytes that are not a message of ours
    │   ├── EyeNotStarted         there is none: its unit does not listen, or no process can be made
    │   └── WallUnavailable       it cannot be walled off from the gate
    ├── PinUnavailable            a GPIO pin is busy, missing or not ours
    ├── LedgerUnavailable         a check-in cannot be made durable: never green
    │   ├── LedgerDamaged         the file is no ledger of ours any more: it is set aside
    │   └── LedgerFull            no space left, on the card or below the ledger's own caps
    ├── SealingUnavailable        there is no key to seal to: never green
    ├── AskerRefused              who asks the running gate may not have that done
    ├── GateSilent                no running gate answers a question on this machine
    │   └── GateAbsent            because none runs
    ├── CertificateMalformed      the bytes of a health certificate break its format
    ├── CertificateSkipped        a signer's certificate does not become a trusted key
    ├── DerError                  bytes are not the DER they should be
    ├── WireError                 bytes on the wire break the contract
    │   └── UnknownContract       the other side speaks another version of it
    ├── DeskBusy                  so many passwords are being looked at that this one's turn did not come
    ├── AlertUntold               a webhook or a mail server did not take a message about what is wrong
    ├── FileTooLarge              files of a form are larger together than its route takes
    ├── BundleRefused             a bundle that is not the hub's, is older, or is broken: the last good one stays
    └── UplinkError
        ├── HubUnreachable        no answer, or none in time: try again later
        │   └── HubLate           none in time; it may still be on its way
        ├── HubRefused            the hub answered with an error status
        │   └── HubRevoked        it said, signed, that this gate's key is withdrawn
        ├── EnrolRefused          the hub, proven, does not enrol this gate
        ├── EnrolUnproven         something refuses the code, and nothing proves that it is the hub
        └── HubNonsense           an answer that is not the hub's (captive portal, HTML, too large)

A message says what to do, names the key or the line, and never contains a payload.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from device.words import number, say, sentence


class GateScannerError(Exception):
    """Any failure this project foresees; everything else is a defect."""


class ConfigurationError(GateScannerError):
    """The configuration is wrong; the command ends with exit code 78 (``EX_CONFIG``)."""


class ClockLeapt(ConfigurationError):
    """The hub's clock stands far from where it stood; a person must say which day it is."""


_NO_KEYS: Final = {sentence("file"), sentence("syntax")}
"""What stands for the key of a mistake that belongs to none."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One mistake, where it stands and what to write instead.

    Attributes:
        file: the file as the person named it.
        line: counted from 1.
        column: counted from 1.
        key: dotted path (``pins.green``, list items ``policy.accept[2]`` counted from 1); ``file`` or
            ``syntax`` when the mistake belongs to no key.
        message: what to write instead; one line of printable text.
    """

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        key = say(self.key) if self.key in _NO_KEYS else self.key
        return f"{shown(self.file, 4_096)}:{self.line}:{self.column}: {key}: {self.message}"


MOST_TOLD: Final = 20
"""Mistakes of one file that are printed; of the rest the number."""


class Complaints(ConfigurationError):
    """All mistakes of one file; prints one line each, in the order of the file, at most `MOST_TOLD`.

    Attributes:
        complaints: sorted by line and column, each once; never empty.
    """

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(sorted(set(complaints), key=lambda c: (c.line, c.column, c.key, c.message)))
        told = list(map(str, self.complaints[:MOST_TOLD]))
        if len(self.complaints) > MOST_TOLD:
            told.append(say("and {count} more", count=number(len(self.complaints) - MOST_TOLD, ",")))
        super().__init__("\n".join(told))


def shown(text: str, most: int = 40) -> str:
    """Return *text* fit for a terminal: one line, printable, at most *most* characters."""
    printable = text
    if not text.isprintable():
        printable = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return printable if len(printable) <= most else f"{printable[:most]}…"


def first_line(error: BaseException) -> str:
    """Return the type of a library's error and the first line of its text; what a person sees of it goes by `shown`.

    A type whose name says nothing stands with its module: ``lgpio.error: 'GPIO busy'``.
    """
    kind = type(error)
    name = f"{kind.__module__}.{kind.__name__}" if kind.__name__ == "error" else kind.__name__
    try:
        line = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    except Exception:  # noqa: BLE001 - an error whose text is an error too
        line = ""
    return f"{name}: {line}" if line else name


class CameraError(GateScannerError):
    """The camera gives no frames."""


class CameraUnavailable(CameraError):
    """The camera cannot be opened."""


class CameraLibraryUnfit(CameraUnavailable):
    """The camera's library cannot be loaded.

    Only a new process can try again: what is half loaded raises other errors at the second attempt.
    """


class CameraLost(CameraError):
    """The camera was open and stopped giving frames."""


class DecoderUnfit(GateScannerError):
    """A decoder engine corrupts or misses the self-test image and must not run."""


class EyeError(GateScannerError):
    """The eye process (camera and decoder) is not working."""


class EyeGone(EyeError):
    """The eye ended, or was silent for longer than its deadline."""


class EyeNonsense(EyeError):
    """The eye sent bytes that are not one of its messages."""


class EyeNotStarted(EyeError):
    """No eye can be started: its unit does not listen, or the machine makes no process."""


class WallUnavailable(EyeError):
    """The eye cannot give up its rights: the kernel or a library lacks what that takes."""


class PinUnavailable(GateScannerError):
    """A GPIO pin cannot be used."""


class LedgerUnavailable(GateScannerError):
    """A check-in cannot be written durably."""


class LedgerDamaged(LedgerUnavailable):
    """The file is not a ledger of ours any more; opening it to write sets it aside."""


class LedgerFull(LedgerUnavailable):
    """There is no space for what was to be written: on the card, or below the ledger's own caps."""


class SealingUnavailable(GateScannerError):
    """There is no public key to seal a check-in to."""


class AskerRefused(GateScannerError):
    """Somebody asked the running gate for what they may not have done; the message says who may."""


class GateSilent(GateScannerError):
    """No running gate answers on its socket."""


class GateAbsent(GateSilent):
    """No gate runs here."""


class CertificateMalformed(GateScannerError):
    """The bytes of a health certificate break its format; never leaves `device.credential`.

    The message names the layer and the rule, never anything of the bytes.
    """


class CertificateSkipped(GateScannerError):
    """A signer's certificate does not become a trusted key; the message says why."""


class DerError(GateScannerError):
    """The bytes are not the DER they should be."""


class WireError(GateScannerError):
    """Bytes on the wire break the contract of `device.wire`."""


class UnknownContract(WireError):
    """The other side speaks another version: somebody has to upgrade one of the two."""


class BundleRefused(GateScannerError):
    """A bundle is not taken over; the last good one stays."""


class UplinkError(GateScannerError):
    """A batch was not settled by the hub."""


class HubUnreachable(UplinkError):
    """No answer from the hub, or none in time."""


class HubLate(HubUnreachable):
    """No answer in time; it may still be on its way."""


class HubRefused(UplinkError):
    """The hub answered with an error status.

    Attributes:
        status: the HTTP status.
        retry_after: how long the hub asks us to wait; ``None`` when it did not say.
        body: of the answer, where that may be a revocation (403): JSON as it came. Else empty.
    """

    def __init__(self, status: int, retry_after: timedelta | None = None, body: bytes = b"") -> None:
        known = {
            401: ": enrol the gate anew (hub code NAME --again); of a webhook: compare the secret",
            421: ": it is not called so; write hub.url as `hub code` prints it",
        }
        super().__init__(f"the hub answered {status}{known.get(status, '')}")
        self.status = status
        self.retry_after = retry_after
        self.body = body


class HubRevoked(HubRefused):
    """The hub says that this gate's key is withdrawn, and its root has signed that.

    Attributes:
        statement: the signed body, to be kept.
    """

    def __init__(self, status: int, statement: bytes) -> None:
        super().__init__(status)
        self.statement = statement


class EnrolRefused(UplinkError):
    """The hub has proved that it is the one, and does not enrol this gate; trying again does not help."""


class EnrolUnproven(UplinkError):
    """Something refuses the code, and nothing proves that it is the hub (a captive portal?): try again slowly."""


class HubNonsense(UplinkError):
    """Something answered that is not the hub."""


class AlertUntold(GateScannerError):
    """A webhook or a mail server did not take a message about what is wrong: it is kept and tried again.

    Attributes:
        word: why, as `device.hub.alerts.sinks` has words for it.
        wait_s: how long the server asks to be left alone.
    """

    def __init__(self, word: str, wait_s: int = 0) -> None:
        super().__init__(word)
        self.word = word
        self.wait_s = wait_s


class DeskBusy(GateScannerError):
    """So many passwords are being looked at that this one's turn did not come: try again in a moment."""


class FileTooLarge(GateScannerError):
    """Files of a form are larger together than its route takes.

    Attributes:
        most_bytes: that it takes.
    """

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"more than {most_bytes} bytes")
        self.most_bytes = most_bytes
