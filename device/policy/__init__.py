"""Deciding, without touching the world: the decision, repeats, and the cue that tells it.

`decide` turns a credential into a decision by the rules of a
`Policy` with the help of `Recent`, and the one table in `cues` turns reasons into outcomes and cues.
"""

from __future__ import annotations

from device.policy.cues import ANSWERS, SCORES, Answer, cue_for, cue_of, outcome_for
from device.policy.decide import decide, wants_status
from device.policy.link import Recent
from device.policy.lists import NO_LISTS, Listing, Lists
from device.policy.rules import RECORD_ONLY, Policy

__all__ = [
    "ANSWERS",
    "NO_LISTS",
    "RECORD_ONLY",
    "SCORES",
    "Answer",
    "Listing",
    "Lists",
    "Policy",
    "Recent",
    "cue_for",
    "cue_of",
    "decide",
    "outcome_for",
    "wants_status",
]
