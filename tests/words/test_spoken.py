"""Sentences in the language that is spoken."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from device.words import Language, number, say, say_many, sentence, speaking, speaking_here, spoken
from device.words.spoken import Dictionary, words_of


def test_a_sentence_is_english_unless_another_language_is_spoken() -> None:
    assert say("{file}: ok", file="a.yaml") == "a.yaml: ok"
    with speaking(Language.VIETNAMESE):
        assert say("{file}: ok", file="a.yaml") == "a.yaml: đúng, không có lỗi"
        with speaking(Language.ENGLISH):
            assert say("{file}: ok", file="a.yaml") == "a.yaml: ok"
        assert spoken() is Language.VIETNAMESE
    assert spoken() is Language.ENGLISH


def test_numbers_have_a_comma_before_their_tenths_in_vietnamese_and_a_point_in_english() -> None:
    assert (number(1234.5, ",.1f"), number(0.3), number(7, "g"), say("{count} ms", count=2.5)) == (
        "1,234.5",
        "0.3",
        "7",
        "2.5 ms",
    )
    with speaking(Language.VIETNAMESE):
        assert (number(1234.5, ",.1f"), number(0.3), number(7, "g"), say("{count} ms", count=2.5)) == (
            "1.234,5",
            "0,3",
            "7",
            "2,5 ms",
        )


def test_the_language_from_before_is_back_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), speaking(Language.VIETNAMESE):
        raise ZeroDivisionError
    assert spoken() is Language.ENGLISH


def test_english_counts_one_and_many_and_vietnamese_does_not() -> None:
    assert say_many("one of {all}", "{count} of {all}", 1, all=3) == "one of 3"
    assert say_many("one of {all}", "{count} of {all}", 0, all=3) == "0 of 3"
    words = Dictionary({"one": "{count} cái"})
    assert [words.ngettext("one", "many", n) for n in (1, 2)] == ["{count} cái"] * 2


def test_what_a_dictionary_lacks_stays_english() -> None:
    with speaking(Language.VIETNAMESE):
        assert say(sentence("No dictionary has this.")) == "No dictionary has this."
        assert [say_many("one thing", "{count} things", n) for n in (1, 2)] == ["one thing", "2 things"]


def test_braces_in_a_value_are_not_taken_for_a_place_of_one() -> None:
    assert say("{file}: ok", file="{count} {0.__class__}") == "{count} {0.__class__}: ok"


def test_the_words_are_translations_as_gettext_has_them() -> None:
    words = words_of(Language.VIETNAMESE)
    assert words.gettext("policy: the hub says") == "bộ quy tắc: do hub quyết định"
    assert words.ngettext("No such thing.", "No such things.", 2) == "No such things."


def test_no_dictionary_is_loaded_where_english_is_spoken() -> None:
    code = "import json, sys, device.settings.load; print(json.dumps([m for m in sys.modules if 'vietnamese' in m]))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert json.loads(told) == []


def test_one_request_speaks_its_own_language_and_threads_that_work_for_it_do() -> None:
    def ask() -> str:
        return say("{file}: ok", file="a.yaml")

    with ThreadPoolExecutor(1) as pool, speaking_here(Language.VIETNAMESE):
        assert pool.submit(copy_context().run, ask).result() == ask() == "a.yaml: đúng, không có lỗi"
        assert pool.submit(ask).result() == "a.yaml: ok"
        assert number(1.5) == "1,5"
    assert (ask(), spoken()) == ("a.yaml: ok", Language.ENGLISH)


def test_what_a_request_speaks_goes_before_what_the_process_does() -> None:
    with speaking(Language.VIETNAMESE), speaking_here(Language.ENGLISH):
        assert say("{file}: ok", file="a.yaml") == "a.yaml: ok"
