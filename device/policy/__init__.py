"""Policy: pure functions for the decision, repeats, and the cue that tells it.

`begin` judges a credential by the rules of a `Policy`; the centre is asked if `Judging.wants_status`, and
`Judging.end` returns the decision. `decide` is both, where nobody is asked. The one table in `cues` turns
reasons into outcomes and cues.
"""

from __future__ import annotations

from device.policy.cues import OUTCOMES, PATTERNS, ReasonOutcome, cue_for, cue_of, outcome_for
from device.policy.decide import Situation, begin, decide
from device.policy.lists import NO_LISTS, Listing, Lists
from device.policy.recent import Recent
from device.policy.rules import RECORD_ONLY, Policy

__all__ = [
    "NO_LISTS",
    "OUTCOMES",
    "PATTERNS",
    "RECORD_ONLY",
    "Listing",
    "Lists",
    "Policy",
    "ReasonOutcome",
    "Recent",
    "Situation",
    "begin",
    "cue_for",
    "cue_of",
    "decide",
    "outcome_for",
]
