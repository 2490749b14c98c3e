"""Alerts in words, in the language that is spoken: lines of a list, and what a message says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from device.hub.alerts.message import Event, Kind, Message, What
from device.hub.alerts.own import OWN_TO_DO, OWN_WORDS
from device.hub.alerts.rules import RULE_WORDS, TO_DO, Rule
from device.words import number, say, sentence

_WORST: Final = 10
_NAMED: Final = 30
_FAULTS: Final = {
    "fault": sentence("out of service"),
    "camera": sentence("camera lost"),
    "engine-left-out": sentence("a decoder crashes"),
}
_MOST_SUBJECT: Final = 150


def what_of(rule: str, subject: str, detail: str) -> str:
    """Return in few words what is wrong; the word itself where a newer version has written it."""
    if rule not in {str(one) for one in Rule}:
        return rule
    match Rule(rule):
        case Rule.HUB:
            return say(OWN_WORDS[subject]) if subject in OWN_WORDS else subject
        case Rule.OUT_OF_SERVICE:
            told = ", ".join(say(_FAULTS[word]) for word in detail.split() if word in _FAULTS)
            return told or say(RULE_WORDS[Rule.OUT_OF_SERVICE])
        case Rule.COVERAGE if detail:
            return say("low coverage: {percent} % of the opening hours of a day", percent=detail)
        case known:
            return say(RULE_WORDS[known])


def to_do(rule: str, subject: str) -> str:
    """Return what a person does about it; empty where nobody here knows."""
    if rule == Rule.HUB:
        return say(OWN_TO_DO[subject]) if subject in OWN_TO_DO else ""
    return say(TO_DO[Rule(rule)]) if rule in {str(one) for one in TO_DO} else ""


def local_minute(at_ms: int) -> str:
    """Return a time, Unix milliseconds, to the minute where the hub stands."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def subject_of(message: Message, hub: str) -> str:
    """Return a message in one line; *hub* is what the hub is called."""
    return f"[{hub}] {_subject(message)}"[:_MOST_SUBJECT]


def _subject(message: Message) -> str:
    if message.kind is Kind.TEST:
        return say("a test message")
    if message.kind is Kind.ALERT:
        (event,) = message.events
        told = _told(event)
        return say("over: {what}", what=told) if event.what is What.ENDED else told
    began, ended = (sum(counts[index] for counts in message.counts.values()) for index in (0, 1))
    if not ended:
        return say("{began} alerts began", began=number(began, ","))
    if not began:
        return say("{ended} alerts are over", ended=number(ended, ","))
    return say("{began} alerts began, {ended} are over", began=number(began, ","), ended=number(ended, ","))


def body_of(message: Message, url: str | None) -> str:
    """Return a message in full, with a line end behind each line; *url*: where the page of alerts is."""
    lines = [*_lines(message)]
    if url is not None:
        lines += ["", url]
    return "\n".join(lines) + "\n"


def _lines(message: Message) -> Iterator[str]:
    if message.kind is Kind.TEST:
        yield say("Somebody tries whether messages of this hub arrive. This one has.")
        return
    if message.kind is Kind.ALERT:
        (event,) = message.events
        yield _line(event)
        if event.what is What.BEGAN and (do := to_do(event.rule, event.subject)):
            yield say("What to do: {do}", do=do)
        return
    for rule, (began, ended) in message.counts.items():
        yield say(
            "{rule}: {began} began, {ended} over",
            rule=say(RULE_WORDS[rule]),
            began=number(began, ","),
            ended=number(ended, ","),
        )
    if message.is_everything:
        yield say("Nearly all gates fell silent together: look at the hub's own network first.")
    yield from _worst(say("Provinces with most of them:"), message.provinces)
    yield from _worst(say("Places with most of them:"), message.places)
    yield ""
    yield from map(_line, message.events[:_NAMED])
    unnamed = message.left_out + max(0, len(message.events) - _NAMED)
    if unnamed:
        yield say("and {count} other alerts", count=number(unnamed, ","))


def _worst(head: str, counted: Mapping[str, int]) -> Iterator[str]:
    if counted:
        yield ""
        yield head
        yield from (f"  {number(count, ',')}  {name}" for name, count in list(counted.items())[:_WORST])


def _line(event: Event) -> str:
    if event.what is What.ENDED:
        return say("{time} over: {what}", time=local_minute(event.at_ms), what=_told(event))
    at, since = local_minute(event.at_ms), local_minute(event.since_ms)
    return say("{time} {what}, since {since}", time=at, what=_told(event), since=since)


def _told(event: Event) -> str:
    what = what_of(event.rule, event.subject, event.detail)
    if not event.name:
        return what
    if not event.place or event.place == event.name:
        return say("{what}: {name}", what=what, name=event.name)
    return say("{what}: {name} ({place})", what=what, name=event.name, place=event.place)
