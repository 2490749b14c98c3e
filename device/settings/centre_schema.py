"""Schema of ``status:``, ``watch_list:`` and ``roster:``: the part of a policy document that asks the centre."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from device.model import CodeKind, Outcome
from device.policy.rules import ListRules, StatusRules
from device.settings import values as v
from device.settings.kinds_schema import HOLD, KINDS, Stanced
from device.settings.section import Section, key

_NUMBERED = {word: kind for word, kind in KINDS.items() if kind is not CodeKind.HC1}


class StatusSection(Section):
    """A question to the centre about who passed everything else; late or no answer keeps nobody out."""

    kinds: Annotated[tuple[Annotated[CodeKind, v.one_of(_NUMBERED)], ...], Field(min_length=1)] = key(
        "For which codes the centre is asked; a certificate carries no number to ask for.", example="[national-code]"
    )
    deadline_ms: Annotated[int, v.duration("50ms", "2s")] = key(
        "The longest a visitor waits for the answer.", "300ms", name="deadline"
    )
    may: Annotated[Outcome, v.one_of(HOLD)] = key(
        "The worst that comes of it for a code that is only read, which anybody can print: refer or deny.", "refer"
    )
    declaration: Stanced = key("No health declaration: grant, refer or deny.", "refer")
    yellow: Stanced = key("The state of health is yellow.", "refer")
    red: Stanced = key("The state of health is red.", "deny")
    movement: Stanced = key("No movement declaration.", "refer")
    doses: Annotated[int, v.number(0, 9)] = key("Doses needed; 0 asks for none.", 0)
    too_few_doses: Stanced = key("The centre knows of fewer.", "refer")

    @property
    def rules(self) -> StatusRules:
        """The section as the policy has it."""
        return StatusRules(
            **{name: getattr(self, name) for name in StatusSection.model_fields} | {"kinds": frozenset(self.kinds)}
        )


class _ListSection(Section):
    """What both lists have in common: fields in the order of `ListRules`."""

    @property
    def rules(self) -> ListRules:
        """The section as the policy has it."""
        return ListRules(*(getattr(self, name) for name in type(self).model_fields))


class WatchListSection(_ListSection):
    """A list of people of the centre, held in memory only; somebody on it is to be looked at."""

    listed: Stanced = key("Somebody is on it: grant, refer or deny.", "refer")
    no_list: Stanced = key("There is no list yet, as after every start.", "refer")
    may: Annotated[Outcome, v.one_of(HOLD)] = key(
        "The worst that comes of it for a code that is only read, which anybody can print: refer or deny.", "refer"
    )


class RosterSection(_ListSection):
    """The people who are expected, by a list of the centre, held in memory only."""

    unlisted: Stanced = key("Somebody is not on it, or the code has no number to look for.", "refer")
    no_list: Stanced = key("There is no list yet, as after every start.", "refer")
    may: Annotated[Outcome, v.one_of(HOLD)] = key(
        "The worst that comes of it for a code that is only read: refer or deny.", "refer"
    )
