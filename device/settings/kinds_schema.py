"""The ``kinds:`` of a policy document, one section for each credential kind, and the words for kinds and outcomes.

The sections are made from the table of kinds: a new credential format has its keys by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import create_model

from device.credential.kinds import FORMATS
from device.model import CREDENTIAL_KINDS, CodeKind, Outcome
from device.policy.rules import Stance
from device.settings import values as v
from device.settings.section import Section, key

KINDS = {str(kind): kind for kind in CREDENTIAL_KINDS}
STANCES = {"grant": Outcome.GRANTED, "refer": Outcome.REFERRED, "deny": Outcome.DENIED}
HOLD = {"refer": Outcome.REFERRED, "deny": Outcome.DENIED}
Stanced = Annotated[Outcome, v.one_of(STANCES)]


class ReadSection(Section):
    """A format that is read and cannot be verified."""

    no_data: Stanced = key(
        "Certificates are asked for below and this code carries none: grant, refer or deny.", "refer"
    )
    unverified: Stanced = key("Nothing in this code can be checked: grant, refer or deny.", "grant")
    clock_not_trusted: Stanced = key("A rule needs the time and the gate does not know it.", "refer")

    @property
    def stance(self) -> Stance:
        """The section as the policy has it."""
        return Stance(self.no_data, self.unverified, self.clock_not_trusted)


class NumberSection(ReadSection):
    """A bare citizen number."""

    weak_reading: Stanced = key("Anybody can print a number: grant, refer (a person must look) or deny.", "refer")


class Hc1Section(Section):
    """A certificate with a signature."""

    unverified: Stanced = key("There is no trust list, or the signer is not in it: grant, refer or deny.", "refer")
    clock_not_trusted: Stanced = key("A rule needs the time and the gate does not know it.", "refer")

    @property
    def stance(self) -> Stance:
        """The section as the policy has it."""
        return Stance(unverified=self.unverified, clock_not_trusted=self.clock_not_trusted)


_SECTIONS: Mapping[CodeKind, type[Section]] = {
    CodeKind.CITIZEN_NUMBER: NumberSection,
    CodeKind.HC1: Hc1Section,
}
"""The kinds whose section is another than `ReadSection`."""


class _Kinds(Section):
    """What each kind's shortcomings mean."""

    @property
    def stances(self) -> Mapping[CodeKind, Stance]:
        """The section as the policy has it."""
        return MappingProxyType({kind: getattr(self, _field(kind)).stance for kind in CREDENTIAL_KINDS})

    @property
    def weak_reading(self) -> Outcome:
        """What a bare citizen number means."""
        number: NumberSection = getattr(self, _field(CodeKind.CITIZEN_NUMBER))
        return number.weak_reading


def _field(kind: CodeKind) -> str:
    return kind.replace("-", "_")


def _key(kind: CodeKind) -> Any:  # noqa: ANN401 - as `key`
    says = "The health certificate (HC1)." if kind is CodeKind.HC1 else FORMATS[kind].says
    return key(says, {}, name=str(kind) if str(kind) != _field(kind) else None)


if TYPE_CHECKING:
    KindsSection = _Kinds
else:
    KindsSection = create_model(
        "KindsSection",
        __base__=_Kinds,
        __doc__=_Kinds.__doc__,
        **{_field(kind): (_SECTIONS.get(kind, ReadSection), _key(kind)) for kind in CREDENTIAL_KINDS},
    )
