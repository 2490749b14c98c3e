"""Messages about alerts, as they wait to be told: one event, or many with counts and the worst places; always bounded.

Two that wait can be put together (`merged`), so that a sink that is away for a day gets one message when it is back:
every event is counted in it, and the first `MOST_EVENTS` are named.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from device.errors import shown
from device.hub.alerts.rules import Found, Rule

MOST_EVENTS: Final = 200
_MOST_NAMES: Final = 40
_MOST_LETTERS: Final = 200


class Kind(StrEnum):
    """What sort of message."""

    ALERT = "alert"
    """Of one event."""
    DIGEST = "digest"
    """Of many."""
    TEST = "test"
    """Of none: somebody tries the sinks."""


class What(StrEnum):
    """What happened."""

    BEGAN = "began"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Event:
    """An alert that began or ended.

    Attributes:
        what: which of the two.
        rule: by which rule.
        subject: what it is about: a device id, a place's id, a word of the hub's own.
        name: what people call that.
        place: the name of its place.
        province: of that.
        since_ms: since when it is, or was, so.
        at_ms: when it was noticed.
        detail: words or a number of its rule.
    """

    what: What
    rule: Rule
    subject: str
    name: str
    place: str
    province: str
    since_ms: int
    at_ms: int
    detail: str

    @classmethod
    def of(cls, what: What, rule: Rule, subject: str, found: Found, at_ms: int) -> Event:
        """Return what is told of something found; names are made fit for one line."""
        name, place, province = (shown(text, _MOST_LETTERS) for text in (found.name, found.place, found.province))
        return cls(what, rule, subject, name, place, province, found.since_ms, at_ms, found.detail)


Counts = dict[Rule, tuple[int, int]]
"""By rule how many began and how many ended."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told.

    Attributes:
        kind: what sort of message.
        counts: of all events.
        provinces: of those that began, with their provinces.
        places: the same with their places; of both the most frequent `_MOST_NAMES`.
        events: the first `MOST_EVENTS`.
        is_everything: nearly all gates of the hub fell silent together.
    """

    kind: Kind
    counts: Counts
    provinces: dict[str, int]
    places: dict[str, int]
    events: tuple[Event, ...]
    is_everything: bool = False

    @property
    def left_out(self) -> int:
        """How many events are counted and not named."""
        return sum(map(sum, self.counts.values())) - len(self.events)

    def encoded(self) -> str:
        """Return it as it lies in the database."""
        return json.dumps(asdict(self), separators=(",", ":"), ensure_ascii=False)


TEST: Final = Message(Kind.TEST, {}, {}, {}, ())


def messages_of(events: Sequence[Event], digest_from: int, *, is_everything: bool = False) -> list[Message]:
    """Return what is to be told of events that were noticed at one time: one message each, or a digest of many."""
    if len(events) < max(2, digest_from):
        return [_message(Kind.ALERT, [event]) for event in events]
    return [_message(Kind.DIGEST, events, is_everything=is_everything)]


def merged(messages: Sequence[Message]) -> Message:
    """Return one message that tells what several would have told."""
    telling = [one for one in messages if one.kind is not Kind.TEST]
    if len(telling) < 2:
        return telling[0] if telling else TEST
    counts: Counts = {}
    for one in telling:
        for rule, (began, ended) in one.counts.items():
            before = counts.get(rule, (0, 0))
            counts[rule] = before[0] + began, before[1] + ended
    events = [event for one in telling for event in one.events][:MOST_EVENTS]
    provinces, places = (_most(_added(getattr(one, name) for one in telling)) for name in ("provinces", "places"))
    return Message(Kind.DIGEST, counts, provinces, places, tuple(events), any(one.is_everything for one in telling))


def decoded(text: str) -> Message:
    """Read what `Message.encoded` wrote."""
    found = json.loads(text)
    events = tuple(Event(**{**one, "what": What(one["what"]), "rule": Rule(one["rule"])}) for one in found["events"])
    counts = {Rule(rule): (began, ended) for rule, (began, ended) in found["counts"].items()}
    kind, provinces, places = Kind(found["kind"]), found["provinces"], found["places"]
    return Message(kind, counts, provinces, places, events, found["is_everything"])


def _message(kind: Kind, events: Sequence[Event], *, is_everything: bool = False) -> Message:
    counts: Counts = {}
    for event in events:
        began, ended = counts.get(event.rule, (0, 0))
        counts[event.rule] = (began + 1, ended) if event.what is What.BEGAN else (began, ended + 1)
    began_ones = [event for event in events if event.what is What.BEGAN]
    provinces = _most(Counter(event.province for event in began_ones if event.province))
    places = _most(Counter(event.place for event in began_ones if event.place))
    return Message(kind, counts, provinces, places, tuple(events[:MOST_EVENTS]), is_everything)


def _added(some: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in some:
        total.update(one)
    return total


def _most(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:_MOST_NAMES])
