"""What another process has said in English, found again by its form."""

from __future__ import annotations

import pytest

from device.words import Language, heard, say, speaking, vietnamese
from device.words.spoken import placeholders

OWN_LETTERS = 8


def letters(text: str) -> int:
    bare = text.format_map(dict.fromkeys(placeholders(text), ""))
    return sum(letter.isalpha() for letter in bare)


SURE = sorted(english for english in vietnamese.ENTRIES if letters(english) >= OWN_LETTERS)


@pytest.mark.parametrize("english", SURE)
def test_every_sentence_with_enough_words_is_known_again(english: str) -> None:
    values = {name: f"<{number}>" for number, name in enumerate(sorted(placeholders(english)))}
    said = say(english, **values)
    with speaking(Language.VIETNAMESE):
        assert heard(said) == say(english, **{"count": 1, **values})
    assert heard(said) == said


@pytest.mark.parametrize(
    ("english", "words"),
    [
        (
            "policy.yaml:3:7: accept[1]: listed twice; remove one",
            "policy.yaml:3:7: accept[1]: ghi hai lần; xoá bớt một",
        ),
        (
            "site.yaml:1:2: pins.red: write a BCM number from 0 to 27 (got 'x')",
            "site.yaml:1:2: pins.red: viết số chân BCM từ 0 đến 27 (đang ghi 'x')",
        ),
        ("it cannot be kept: No space left on device", "không lưu được: hết chỗ trống trên ổ"),
        ("ribbon or cable", "ribbon or cable"),
        ("nobody has ever said this", "nobody has ever said this"),
        ("the eye was silent for 2.5 s", "tiến trình camera im lặng 2,5 giây"),
        ("the eye was silent for 1.2.3 s", "tiến trình camera im lặng 1.2.3 giây"),
        *((text, text) for text in (": " * 450, "(got " * 190, "; or or (, p99 of), ): " * 40, "{} of {} " * 90)),
        ("it cannot be kept: " * 40 + "cut short", "không lưu được: " * 40 + "bị cụt"),
        ("", ""),
        ("it cannot be kept: {0.__class__} {why}", "không lưu được: {0.__class__} {why}"),
        ("it cannot be kept: " + "x" * 2_000, "it cannot be kept: " + "x" * 2_000),
    ],
)
def test_values_that_are_sentences_are_known_too_and_all_else_stays(english: str, words: str) -> None:
    with speaking(Language.VIETNAMESE):
        assert heard(english) == words
