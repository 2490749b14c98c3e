"""What the gate remembers of its last answers."""

from __future__ import annotations

from device.gate.history import AnswerHistory, Remembered
from device.model import CodeKind, Cue, Decision, Direction, Outcome, Reason
from tests.support.fakes import FakeClock


def note(
    memory: AnswerHistory, clock: FakeClock, reason: Reason, decision: Decision | None, seq: int | None = None
) -> None:
    kind = CodeKind.HC1 if decision else CodeKind.WIFI
    memory.note(Remembered(clock.reading(), Cue.DENIED, reason, kind, Direction.IN, decision, seq))


def test_the_newest_answer_comes_first_and_the_oldest_goes() -> None:
    memory, clock = AnswerHistory(most=3), FakeClock()
    for seq in range(5):
        note(memory, clock, Reason.RECORDED, Decision(Outcome.GRANTED, Reason.RECORDED, "1"), seq)
    assert [told["row"] for told in memory.last(10)] == [4, 3, 2]
    assert [told["row"] for told in memory.last(1)] == [4]
    assert memory.last(0) == memory.last(-1) == []


def test_an_answer_is_told_in_plain_words() -> None:
    memory, clock = AnswerHistory(), FakeClock()
    decision = Decision(Outcome.DENIED, Reason.TOO_FEW_DOSES, "v", rules=("known-kind:pass", "health:deny"))
    note(memory, clock, Reason.TOO_FEW_DOSES, decision, 7)
    note(memory, clock, Reason.WIFI_CODE, None)
    other, health = memory.last(2)
    assert health == {
        "at": "2026-01-01T00:00:00Z",
        "clock_trusted": True,
        "cue": "denied",
        "reason": "too-few-doses",
        "kind": "hc1",
        "direction": "in",
        "outcome": "denied",
        "counted": True,
        "policy": "v",
        "rules": ["known-kind:pass", "health:deny"],
        "row": 7,
    }
    assert (other["outcome"], other["rules"], other["row"]) == (None, [], None)
