"""What is printed for a place, as its page shows it: posters of its entrances, sign, notice, and what they lack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from device.hub.db.posters import Poster
from device.hub.db.registry import PlaceRecord
from device.hub.printing.facts import poster_facts, recording_facts
from device.hub.printing.poster import HANG
from device.hub.printing.sheet import PAPERS
from device.hub.printing.sign import RecordingFacts
from device.hub.web.asking import Ask
from device.words import Language, say, sentence

_NOBODY: Final = sentence("nobody to ask: write who answers for the place, or notice.contact in hub.yaml")
_NO_BASIS: Final = sentence("no legal basis: write it among what is registered of the place")


def papers_of(ask: Ask, record: PlaceRecord, hanging: Sequence[Poster]) -> dict[str, Any]:
    """Return what the page of a place shows of its papers; *hanging*: every poster it ever had."""
    settings = ask.desk.settings
    facts = recording_facts(record.place, ask.desk.retention_days, settings)
    in_use = [one for one in hanging if one.replaced_ms is None]
    return {
        "posters": [(one, poster_facts(record.place, one, settings).payload.decode("ascii")) for one in in_use],
        "old_posters": [one for one in hanging if one.replaced_ms is not None],
        "papers": list(PAPERS),
        "hang": [told[0 if ask.language is Language.VIETNAMESE else 1] for told in HANG],
        "for_apps": settings is None or settings.people.url is None,
        "lacking": {sheet: lacking(facts, sheet) for sheet in ("sign", "notice")},
    }


def lacking(facts: RecordingFacts, sheet: str) -> str:
    """Return what a sheet, ``sign`` or ``notice``, cannot be printed without, in a sentence; empty: nothing."""
    if not facts.contact:
        return say(_NOBODY)
    return say(_NO_BASIS) if sheet == "notice" and not facts.legal_basis else ""
