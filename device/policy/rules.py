"""Policy data: the dated rules of a place, as frozen dataclasses. `decide` asks them; `device.settings` reads them.

What an attribute leaves to the policy is an `Outcome`; GRANTED means "this keeps nobody out" and is
written ``grant`` in the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from types import MappingProxyType

from device.model import CodeKind, Direction, Outcome

COVID_19 = "840539006"
"""SNOMED CT; the ``tg`` of the EU's value set ``disease-agent-targeted``."""

PCR, ANTIGEN = "LP6464-4", "LP217198-3"
"""LOINC; the ``tt`` of the EU's value set ``covid-19-lab-test-type``."""

ISSUED_AHEAD_MS = 7 * 86_400_000
"""Of 147 published certificates nine were issued after the moment at which they are to be judged, eight by at most a
week. What is signed by a key that is valid now is not made better by a date of tomorrow."""

ACCEPTED_UNNAMED = (
    CodeKind.NATIONAL_CODE,
    CodeKind.CITIZEN_CARD,
    CodeKind.INSURANCE_CARD,
    CodeKind.CITIZEN_NUMBER,
    CodeKind.HC1,
)
"""What a policy accepts that does not say. A kind that came to the program later is not added: only a policy that names
it lets it in, so that an upgrade alone changes no answer."""

VIETNAM = timezone(timedelta(hours=7))
"""Vietnam has one offset all year, so this needs no time zone data on the machine."""


@dataclass(frozen=True, slots=True)
class Stance:
    """What a kind's shortcomings mean here.

    Attributes:
        no_data: the policy asks for a certificate and the code carries none.
        unverified: nobody could check the code: a format without a signature, or a certificate without
            a trust list or of an unknown signer.
        clock_not_trusted: a rule needs the time and the gate does not know it.
    """

    no_data: Outcome = Outcome.REFERRED
    unverified: Outcome = Outcome.GRANTED
    clock_not_trusted: Outcome = Outcome.REFERRED


@dataclass(frozen=True, slots=True)
class DoseRule:
    """What a vaccination must be.

    Attributes:
        doses: how many are needed; a one-dose product needs one.
        min_days: calendar days since the last dose that was needed, at least; a dose beyond those only needs to have
            been given.
        max_days: calendar days since the last dose, at most; ``None`` is no limit.
        products: the products that count; empty is all.
    """

    doses: int = 1
    min_days: int = 0
    max_days: int | None = None
    products: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LabTestRule:
    """What a negative test must be: code of the method → greatest age; other methods do not count."""

    max_age_ms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RecoveryRule:
    """What a recovery must be, within the dates its issuer lets it count.

    Attributes:
        min_days: calendar days since the first positive test, at least.
        max_days: and at most; ``None`` is no limit.
    """

    min_days: int = 0
    max_days: int | None = None


@dataclass(frozen=True, slots=True)
class EntryRules:
    """What earns one outcome: any one of these; ``None`` does not earn it."""

    vaccination: DoseRule | None = None
    test: LabTestRule | None = None
    recovery: RecoveryRule | None = None


@dataclass(frozen=True, slots=True)
class CertificateRules:
    """How certificates are judged.

    Attributes:
        signature_wrong: not signed by who it claims, or by a signer that may not sign such an entry.
        out_of_date: expired, not yet valid, or its signer's key was.
        issued_ahead_ms: how far the time of issue may lie ahead of the clock: issuers' clocks differ.
        signer_countries: whose signers count; empty is all.
        diseases: the codes of the disease an entry may be about.
        one_dose_products: products of which one dose is all there is.
        grant: what earns GRANTED.
        refer: what earns REFERRED, when it does not earn GRANTED.
        otherwise: what is left, when there is *grant* or *refer*; and signers of other countries.
    """

    signature_wrong: Outcome = Outcome.DENIED
    out_of_date: Outcome = Outcome.DENIED
    issued_ahead_ms: int = ISSUED_AHEAD_MS
    signer_countries: frozenset[str] = frozenset()
    diseases: frozenset[str] = frozenset({COVID_19})
    one_dose_products: frozenset[str] = frozenset()
    grant: EntryRules | None = None
    refer: EntryRules | None = None
    otherwise: Outcome = Outcome.DENIED

    @property
    def ask_entries(self) -> bool:
        """Whether what a certificate says about health is asked at all."""
        return self.grant is not None or self.refer is not None


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Open on these days from one minute to another.

    Attributes:
        days: 0 is Monday; the day on which it opens.
        from_minute: of the day, included.
        to_minute: not included; 1440 is midnight. One that is not later lies in the next day.
    """

    days: frozenset[int]
    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many people may be inside.

    Attributes:
        most: so many.
        full: the outcome for the next one.
        resets_at_minute: minute of the local day at which counting starts over; ``None`` is never.
    """

    most: int
    full: Outcome = Outcome.DENIED
    resets_at_minute: int | None = 0


@dataclass(frozen=True, slots=True)
class StatusRules:
    """What is asked of the centre, and what its answers mean.

    Attributes:
        kinds: for whose codes it is asked.
        deadline_ms: the longest a visitor waits for the answer; without one nobody is kept out.
        may: the worst that comes of it for a code that is only read: anybody can print such a code of
            somebody else, and must not learn more from the lamp than "a person must look".
        declaration: there is no health declaration that counts.
        yellow: the state of health is yellow.
        red: it is red.
        movement: there is no movement declaration that counts.
        doses: so many are needed; 0 asks for none.
        too_few_doses: there are fewer.
    """

    kinds: frozenset[CodeKind]
    deadline_ms: int = 300
    may: Outcome = Outcome.REFERRED
    declaration: Outcome = Outcome.REFERRED
    yellow: Outcome = Outcome.REFERRED
    red: Outcome = Outcome.DENIED
    movement: Outcome = Outcome.REFERRED
    doses: int = 0
    too_few_doses: Outcome = Outcome.REFERRED


@dataclass(frozen=True, slots=True)
class ListRules:
    """What a list of people means.

    Attributes:
        failing: somebody is on the watch list, or is not on the roster.
        no_list: no list was fetched since the gate started.
        may: the worst that *failing* comes to for a code that is only read, as in `StatusRules`.
    """

    failing: Outcome = Outcome.REFERRED
    no_list: Outcome = Outcome.REFERRED
    may: Outcome = Outcome.REFERRED


@dataclass(frozen=True, slots=True)
class Policy:
    """What this place asks of a visitor. The default records everyone and refuses nobody.

    Attributes:
        version: stored with every check-in it judged.
        accept: the kinds of credential accepted here.
        weak_reading: the outcome for a bare citizen number, which anybody can print.
        repeat_window_ms: how long the same person is a repeat; 0 switches repeats off.
        valid_from_ms: from when it is in force, Unix milliseconds.
        zone: of opening hours and of calendar days.
        kinds: what each kind's shortcomings mean; a kind that is missing has the default stance.
        certificates: how they are judged; ``None``: neither dates nor health are asked, and only a
            signature that is wrong is referred.
        hours: when the place is open; empty is always.
        closed: the outcome outside these hours.
        asked: the direction in which the rules are asked; who goes the other way is only recorded.
            UNKNOWN is both.
        capacity: ``None`` is no limit.
        status: what is asked of the centre; ``None``: it is never asked.
        watch_list: what it means to be on the centre's watch list; ``None``: it is neither fetched nor asked.
        roster: what it means not to be on the centre's roster; the same.
    """

    version: str
    accept: frozenset[CodeKind] = frozenset(ACCEPTED_UNNAMED)
    weak_reading: Outcome = Outcome.REFERRED
    repeat_window_ms: int = 120_000
    valid_from_ms: int = 0
    zone: tzinfo = VIETNAM
    kinds: Mapping[CodeKind, Stance] = field(default_factory=lambda: MappingProxyType({}))
    certificates: CertificateRules | None = None
    hours: tuple[OpeningHours, ...] = ()
    closed: Outcome = Outcome.DENIED
    asked: Direction = Direction.UNKNOWN
    capacity: Capacity | None = None
    status: StatusRules | None = None
    watch_list: ListRules | None = None
    roster: ListRules | None = None

    def stance(self, kind: CodeKind) -> Stance:
        """Return what a kind's shortcomings mean."""
        return self.kinds.get(kind, _STANCE)

    def asks(self, direction: Direction) -> bool:
        """Return whether who goes this way is asked; at a gate of unknown direction everyone is."""
        return Direction.UNKNOWN in (self.asked, direction) or self.asked is direction


_STANCE = Stance()
RECORD_ONLY = Policy("record-only-1")
"""In force where no policy is given, and until the first one given begins."""

ON_ITS_MERITS = Policy(
    "no-policy",
    kinds=MappingProxyType({CodeKind.HC1: Stance(unverified=Outcome.REFERRED)}),
    certificates=CertificateRules(),
)
"""Asks a certificate for signature and dates, and nothing of anybody else."""
