"""Schema of the policy document: the dated rules of a place.

Its own document, so that an authority can hand out one file for many gates; a site file names it under
``policy: {file: …}``. Defaults are as one writes them. `PolicyDocument` is made by
`device.settings.load` only.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from device.model import CodeKind, Direction, Outcome
from device.policy.rules import (
    ACCEPTED_UNNAMED,
    ANTIGEN,
    COVID_19,
    PCR,
    Capacity,
    CertificateRules,
    DoseRule,
    EntryRules,
    LabTestRule,
    OpeningHours,
    Policy,
    RecoveryRule,
)
from device.settings import policy_values as pv
from device.settings import values as v
from device.settings.centre_schema import RosterSection, StatusSection, WatchListSection
from device.settings.kinds_schema import HOLD, KINDS, KindsSection, Stanced
from device.settings.section import Section, key
from device.words import sentence

_WAYS = {"in": Direction.IN, "out": Direction.OUT, "both": Direction.UNKNOWN}
_Product = Annotated[
    str, pv.code(r"[A-Za-z0-9][A-Za-z0-9/._-]{0,63}", sentence("write the id of a product, like EU/1/20/1528"))
]
_Days = Annotated[int, v.number(0, 3_650)]


class DoseSection(Section):
    """A vaccination that counts."""

    doses: Annotated[int, v.number(1, 9)] = key("Doses needed; of a one-dose product always one.", example="2")
    min_days: _Days = key("Days since the last dose that is needed, at least.", 0)
    max_days: _Days | None = key("And at most.", None)
    products: Annotated[tuple[_Product, ...], Field(min_length=1)] | None = key(
        "The products that count; left out, all do.", None
    )

    @property
    def rule(self) -> DoseRule:
        """The section as the policy has it."""
        return DoseRule(self.doses, self.min_days, self.max_days, frozenset(self.products or ()))


class LabTestSection(Section):
    """A negative test that counts; a method left out does not."""

    pcr_ms: Annotated[int, v.duration("1m", "8760h")] | None = key(
        f"Oldest sample of a PCR ({PCR}).", None, name="pcr", example="72h"
    )
    antigen_ms: Annotated[int, v.duration("1m", "8760h")] | None = key(
        f"Oldest sample of a rapid antigen test ({ANTIGEN}).", None, name="antigen", example="24h"
    )

    @property
    def rule(self) -> LabTestRule:
        """The section as the policy has it."""
        ages = {PCR: self.pcr_ms, ANTIGEN: self.antigen_ms}
        return LabTestRule(MappingProxyType({method: age for method, age in ages.items() if age is not None}))


class RecoverySection(Section):
    """A recovery that counts, within the dates its issuer wrote into it."""

    min_days: _Days = key("Days since the first positive test, at least.", 0)
    max_days: _Days | None = key("And at most.", None)

    @property
    def rule(self) -> RecoveryRule:
        """The section as the policy has it."""
        return RecoveryRule(self.min_days, self.max_days)


class EntriesSection(Section):
    """Any one of these is enough."""

    vaccination: DoseSection | None = key("A vaccination.", None)
    test: LabTestSection | None = key("A negative test.", None)
    recovery: RecoverySection | None = key("A recovery.", None)

    @property
    def rules(self) -> EntryRules:
        """The section as the policy has it."""
        return EntryRules(
            None if self.vaccination is None else self.vaccination.rule,
            None if self.test is None else self.test.rule,
            None if self.recovery is None else self.recovery.rule,
        )


class CertificatesSection(Section):
    """How certificates are judged. Without this section neither their dates nor what they say is asked."""

    signature_wrong: Stanced = key("Not signed by who it claims, or by one who may not sign this.", "deny")
    out_of_date: Stanced = key("Expired, not yet valid, or the signer's key was.", "deny")
    issued_ahead_ms: Annotated[int, v.duration("0s", "8760h")] = key(
        "How far the time of issue may lie ahead of this clock: issuers' clocks differ.", "168h", name="issued_ahead"
    )
    signer_countries: (
        Annotated[
            tuple[Annotated[str, pv.code("[A-Z]{2}", sentence("write two capital letters, like VN"))], ...],
            Field(min_length=1),
        ]
        | None
    ) = key("Countries whose signers count; left out, all do.", None)
    diseases: Annotated[
        tuple[Annotated[str, pv.code("[0-9]{6,18}", sentence("write a SNOMED CT code, like 840539006"))], ...],
        Field(min_length=1),
    ] = key("What it must be about (SNOMED CT); 840539006 is COVID-19.", (COVID_19,))
    one_dose_products: tuple[_Product, ...] = key("Products of which one dose is all there is.", ("EU/1/20/1525",))
    grant: EntriesSection | None = key("Any one of these is granted.", None)
    refer: EntriesSection | None = key("Else any one of these is referred: a person must look.", None)
    otherwise: Stanced = key("Every other certificate, once there is grant or refer; and other countries.", "deny")

    @property
    def rules(self) -> CertificateRules:
        """The section as the policy has it."""
        return CertificateRules(
            signature_wrong=self.signature_wrong,
            out_of_date=self.out_of_date,
            issued_ahead_ms=self.issued_ahead_ms,
            signer_countries=frozenset(self.signer_countries or ()),
            diseases=frozenset(self.diseases),
            one_dose_products=frozenset(self.one_dose_products),
            grant=None if self.grant is None else self.grant.rules,
            refer=None if self.refer is None else self.refer.rules,
            otherwise=self.otherwise,
        )


class OpeningSection(Section):
    """Open on these days from one time to another."""

    days: Annotated[tuple[Annotated[int, v.one_of(pv.WEEKDAYS)], ...], Field(min_length=1)] = key(
        "On which days it opens.", tuple(pv.WEEKDAYS)
    )
    from_minute: Annotated[int, pv.minute()] = key("From.", name="from", example='"07:00"')
    to_minute: Annotated[int, pv.minute()] = key(
        "To, not included; not later than from means the next day.", name="to", example='"17:30"'
    )

    @property
    def opening(self) -> OpeningHours:
        """The section as the policy has it."""
        return OpeningHours(frozenset(self.days), self.from_minute, self.to_minute)


class CapacitySection(Section):
    """How many people may be inside."""

    most: Annotated[int, v.number(1, 100_000)] = key("So many; counted by this gate, in and out.", example="200")
    full: Annotated[Outcome, v.one_of(HOLD)] = key("What the next one gets: refer or deny.", "deny")
    resets_at: Annotated[int, pv.minute()] = key("When counting starts over, every day.", "00:00")


class PolicyDocument(Section):
    """A whole policy document, checked."""

    version: Annotated[str, v.words(64)] = key("Name of these rules; every check-in stores it.", example="shop-2021-10")
    valid_from: Annotated[datetime, pv.moment()] = key("From when they are in force.", example="2021-10-07")
    time_zone: Annotated[tzinfo, pv.zone()] = key("Of days and opening hours.", "+07:00")
    accept: Annotated[tuple[Annotated[CodeKind, v.one_of(KINDS)], ...], Field(min_length=1)] = key(
        "Kinds of code that are accepted; another is denied.", ACCEPTED_UNNAMED
    )
    direction: Annotated[Direction, v.one_of(_WAYS)] = key(
        "Who is asked: those who go in, out, or both. Who goes the other way is only recorded.", "both"
    )
    repeat_window_ms: Annotated[int, v.duration("0s", "24h")] = key(
        "The same person again within this time gets the first answer again, counted once.", "2m", name="repeat_window"
    )
    kinds: KindsSection = key("What each kind's shortcomings mean.", {})
    certificates: CertificatesSection | None = key("How certificates are judged.", None)
    hours: Annotated[tuple[OpeningSection, ...], Field(min_length=1, max_length=32)] | None = key(
        "When the place is open; left out, always.", None
    )
    closed: Stanced = key("What a visitor gets outside these hours.", "deny")
    capacity: CapacitySection | None = key("How many people may be inside.", None)
    status: StatusSection | None = key("What is asked of the centre; left out, nothing.", None)
    watch_list: WatchListSection | None = key("What the centre's watch list means; left out, it is not asked.", None)
    roster: RosterSection | None = key("What the centre's roster means; left out, it is not asked.", None)

    @property
    def policy(self) -> Policy:
        """The rules as they are asked."""
        begins = self.valid_from if self.valid_from.tzinfo else self.valid_from.replace(tzinfo=self.time_zone)
        room = self.capacity
        return Policy(
            version=self.version,
            accept=frozenset(self.accept),
            weak_reading=self.kinds.weak_reading,
            repeat_window_ms=self.repeat_window_ms,
            valid_from_ms=round(begins.astimezone(UTC).timestamp()) * 1000,
            zone=self.time_zone,
            kinds=self.kinds.stances,
            certificates=None if self.certificates is None else self.certificates.rules,
            hours=tuple(section.opening for section in self.hours or ()),
            closed=self.closed,
            asked=self.direction,
            capacity=None if room is None else Capacity(room.most, room.full, room.resets_at % 1_440),
            status=None if self.status is None else self.status.rules,
            watch_list=None if self.watch_list is None else self.watch_list.rules,
            roster=None if self.roster is None else self.roster.rules,
        )
