"""A policy in a few lines, as it was understood: a date of next year or a closing time in the morning is seen there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from device.errors import shown
from device.model import CREDENTIAL_KINDS
from device.policy.rules import OpeningHours, Policy
from device.settings.policy_values import WEEKDAYS
from device.words import number, say

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def lines_of_policy(policy: Policy) -> Iterator[str]:
    """Yield what a policy says, for a person."""
    kinds = ", ".join(kind for kind in CREDENTIAL_KINDS if kind in policy.accept)
    yield say("policy {version}: takes {kinds}", version=shown(policy.version), kinds=kinds)
    yield say("in force from {time}", time=begins(policy))
    if policy.hours:
        yield say("open {hours}", hours="; ".join(map(_hours, policy.hours)))
    if policy.capacity is not None:
        yield say("at most {count} inside", count=number(policy.capacity.most, ","))
    if asked := lists_asked(policy):
        yield say("asks the hub's {lists}", lists=", ".join(asked))


def begins(policy: Policy) -> str:
    """Return from when a policy is in force, by the clock of its own zone."""
    at = (_EPOCH + timedelta(milliseconds=policy.valid_from_ms)).astimezone(policy.zone)
    return at.isoformat(" ", "minutes")


def lists_asked(policy: Policy) -> tuple[str, ...]:
    """Return which people lists a policy asks, as `device.wire.bundle.BundleKind` calls them."""
    rules = {"watch-list": policy.watch_list, "roster": policy.roster}
    return tuple(kind for kind, rule in rules.items() if rule is not None)


def _hours(opening: OpeningHours) -> str:
    days = ", ".join(name for name, day in WEEKDAYS.items() if day in opening.days)
    begin, end = _minute(opening.from_minute), _minute(opening.to_minute)
    if opening.to_minute > opening.from_minute:
        return say("{days} {begin} to {end}", days=days, begin=begin, end=end)
    return say("{days} {begin} to {end} of the next day", days=days, begin=begin, end=end)


def _minute(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
