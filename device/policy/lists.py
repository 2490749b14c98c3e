"""Watch list and roster: what a list of people adds to a decision.

Lists come from the centre and live in memory only, so for a while after a start there is none: that is its
own reason, NO_LIST, and the policy says what it means. A code that is only read, which anybody can print of
somebody else, comes to no worse than the rules' `may`: the lamp must not tell strangers who is on a list.

The slugs are ``watch-list:pass`` and ``roster:pass``, or what the failing meant; a code without a number
to look for is on no list, so it passes the one and fails the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from device.credential import keys_of
from device.model import Credential, Outcome, Reason, Verification
from device.policy.recent import SEVERITY
from device.policy.rules import ListRules, Policy


class Listing(Protocol):
    """A list of people by their numbers. Asking is quick and safe on any thread."""

    def holds(self, keys: Iterable[str]) -> bool:
        """Return whether any of these numbers of one person is in it."""
        ...


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of this moment; ``None`` is one that was not fetched since the gate started.

    Attributes:
        watch: somebody on it is to be referred, or what the policy says.
        roster: only who is on it is expected.
    """

    watch: Listing | None = None
    roster: Listing | None = None


NO_LISTS = Lists()


def list_questions(
    credential: Credential, policy: Policy, lists: Lists
) -> Iterator[tuple[str, Reason | None, Outcome]]:
    """Yield each question about lists that the policy asks: its rule, what failed, and what that means."""
    numbers = keys_of(credential)
    if (rules := policy.watch_list) is not None:
        if not numbers:
            yield "watch-list", None, Outcome.GRANTED
        elif lists.watch is None:
            yield "watch-list", Reason.NO_LIST, rules.no_list
        else:
            found = Reason.ON_WATCH_LIST if lists.watch.holds(numbers) else None
            yield "watch-list", found, _limited(credential, rules)
    if (rules := policy.roster) is not None:
        if lists.roster is None:
            yield "roster", Reason.NO_LIST, rules.no_list
        else:
            found = None if lists.roster.holds(numbers) else Reason.NOT_ON_ROSTER
            yield "roster", found, _limited(credential, rules)


def _limited(credential: Credential, rules: ListRules) -> Outcome:
    worst = Outcome.DENIED if credential.verified is Verification.YES else rules.may
    return min(rules.failing, worst, key=SEVERITY.__getitem__)
