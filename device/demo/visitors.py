"""Script of the demo: which visitors come, and what must happen to each."""

from __future__ import annotations

from dataclasses import dataclass

from device.demo.scenes import people
from device.demo.scenes.carriers import Carrier
from device.demo.scenes.walk import Flaw
from device.model import CodeKind, Cue, Reason
from device.words import sentence


@dataclass(frozen=True, slots=True)
class Role:
    """One scripted visitor.

    Attributes:
        title: what is shown, an English sentence to be said.
        payload: what the code says.
        carrier: what it is on.
        cue: what the lamps must say, exactly once.
        reason: why.
        kind: what must lie in the ledger; ``None`` when nothing may be recorded.
        counted: whether the row counts as a passage.
        steady: frames the code is held before the lens.
        flaw: makes the code unreadable.
        network: ``away`` or ``back``: what happens to the hub just before.
    """

    title: str
    payload: bytes
    carrier: Carrier
    cue: Cue
    reason: Reason
    kind: CodeKind | None = None
    counted: bool = True
    steady: int = 12
    flaw: Flaw | None = None
    network: str = ""


def script(seed: int) -> tuple[Role, ...]:
    """Return the visitors in the order in which they come; *seed* invents the people."""
    binh, chi, dung, giang, hoa = (people.invent(seed * 100 + n) for n in range(5))
    granted = Cue.GRANTED, Reason.RECORDED
    national, citizen, insurance = CodeKind.NATIONAL_CODE, CodeKind.CITIZEN_CARD, CodeKind.INSURANCE_CARD
    foreign = Cue.NOT_OURS
    return (
        Role(sentence("national code on a phone"), people.national_code(binh), Carrier.PHONE, *granted, national),
        Role(sentence("citizen card"), people.citizen_card(chi), Carrier.CARD, *granted, citizen),
        Role(sentence("venue poster by mistake"), people.venue_poster(), Carrier.PAPER, foreign, Reason.VENUE_POSTER),
        Role(
            sentence("insurance card"), people.insurance_card(dung), Carrier.CARD, *granted, insurance, network="away"
        ),
        Role(sentence("Wi-Fi code of a café"), people.wifi(), Carrier.PHONE, foreign, Reason.WIFI_CODE),
        Role(sentence("national code, dark mode"), people.national_code(giang), Carrier.DARK_MODE, *granted, national),
        Role(
            sentence("a card held for three seconds"),
            people.citizen_card(hoa, 11),
            Carrier.CARD,
            *granted,
            citizen,
            steady=45,
        ),
        Role(
            sentence("a worn-out code"),
            people.citizen_card(people.invent(seed * 100 + 9)),
            Carrier.PAPER,
            Cue.UNREADABLE,
            Reason.UNREADABLE,
            steady=28,
            flaw=Flaw.WORN,
            network="back",
        ),
        Role(
            sentence("first visitor again, on paper"),
            people.national_code(binh),
            Carrier.PAPER,
            Cue.GRANTED,
            Reason.REPEAT,
            national,
            counted=False,
        ),
    )
