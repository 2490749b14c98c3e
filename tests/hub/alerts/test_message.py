"""Messages: one event each or a digest, bounded, put together without losing a count, and fit for people."""

from __future__ import annotations

from device.hub.alerts.message import (
    MOST_EVENTS,
    TEST,
    Event,
    Kind,
    Message,
    What,
    decoded,
    merged,
    messages_of,
)
from device.hub.alerts.rules import Found, Rule
from device.hub.alerts.wording import body_of, subject_of
from device.words import Language, speaking_here

AT_MS = 1_767_571_200_000
HOSTILE = "Cổng\r\nBcc: all@example.vn\u202e<script>\x00"


def event(number: int = 1, what: What = What.BEGAN, rule: Rule = Rule.SILENT, name: str = "Cổng A") -> Event:
    found = Found(name, f"Chợ {number % 50}", "Hải Phòng" if number % 3 else "Huế", "gate-1", "place-1", AT_MS - 1)
    return Event.of(what, rule, f"gate-{number}", found, AT_MS)


def test_few_events_are_told_one_by_one_and_many_together() -> None:
    few = messages_of([event(1), event(2)], 3)
    assert [(one.kind, len(one.events)) for one in few] == [(Kind.ALERT, 1)] * 2
    (many,) = messages_of([event(1), event(2, What.ENDED), event(3)], 3)
    assert (many.kind, many.counts) == (Kind.DIGEST, {Rule.SILENT: (2, 1)})
    assert messages_of([], 3) == []


def test_a_message_lies_in_the_database_as_it_was() -> None:
    (message,) = messages_of([event(number) for number in range(10)], 2, is_everything=True)
    assert decoded(message.encoded()) == message
    assert decoded(TEST.encoded()) == TEST


def test_messages_are_put_together_again_and_again_and_stay_bounded_while_all_is_counted() -> None:
    together: Message = TEST
    for day in range(40):
        more = messages_of([event(number, name="Đ" * 500) for number in range(day * 100, day * 100 + 100)], 5)
        together = merged([together, *more])
    assert together.counts == {Rule.SILENT: (4_000, 0)}
    assert (len(together.events), together.left_out) == (MOST_EVENTS, 4_000 - MOST_EVENTS)
    assert sum(together.provinces.values()) == 4_000
    assert len(together.places) <= 40
    assert len(together.encoded()) < 250_000
    assert merged([TEST, TEST]) == TEST


def test_what_is_told_is_in_vietnamese_by_the_words_of_the_place() -> None:
    (one,) = messages_of([event()], 5)
    (over,) = messages_of([event(what=What.ENDED)], 5)
    (many,) = messages_of([event(number) for number in range(12_345)], 5, is_everything=True)
    with speaking_here(Language.VIETNAMESE):
        assert subject_of(one, "hub.vn") == "[hub.vn] máy quét mất liên lạc: Cổng A (Chợ 1)"
        assert subject_of(over, "hub.vn") == "[hub.vn] đã hết: máy quét mất liên lạc: Cổng A (Chợ 1)"
        assert subject_of(many, "hub.vn") == "[hub.vn] 12.345 cảnh báo mới"
        body = body_of(many, "https://hub.vn/alerts")
    assert "  8.230  Hải Phòng\n  4.115  Huế\n" in body
    assert "trước hết hãy xem mạng của chính hub" in body
    assert body.endswith("và 12.315 cảnh báo khác\n\nhttps://hub.vn/alerts\n")
    assert len(body.splitlines()) < 70


def test_a_name_with_line_ends_script_or_turned_letters_stays_one_harmless_line() -> None:
    (one,) = messages_of([event(name=HOSTILE)], 5)
    subject = subject_of(one, "hub.vn")
    assert subject.isprintable()
    assert "\n" not in subject
    assert "\u202e" not in body_of(one, None)


def test_every_rule_has_words_and_something_to_do() -> None:
    for rule in Rule:
        subject = "disk" if rule is Rule.HUB else "gate-1"
        (one,) = messages_of([Event.of(What.BEGAN, rule, subject, Found("", "", "", None, None, AT_MS), AT_MS)], 5)
        assert len(body_of(one, None).splitlines()) == 2
        with speaking_here(Language.VIETNAMESE):
            assert subject_of(one, "h") != subject_of(one, "h").encode("ascii", "ignore").decode()
