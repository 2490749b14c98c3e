"""Which language an environment asks for."""

from __future__ import annotations

import pytest

from device.words import Language, language_of

VI, EN = Language.VIETNAMESE, Language.ENGLISH


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, EN),
        ({"LANG": "vi_VN.UTF-8"}, VI),
        ({"LANG": "vi_VN"}, VI),
        ({"LANG": "vi"}, VI),
        ({"LANG": "vi.UTF-8"}, VI),
        ({"LANG": "VI-vn@currency"}, VI),
        ({"LANG": "vie"}, EN),
        ({"LANG": "de_DE.UTF-8"}, EN),
        ({"LC_MESSAGES": "vi_VN.UTF-8", "LANG": "en_GB.UTF-8"}, VI),
        ({"LC_ALL": "vi_VN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, VI),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "vi_VN.UTF-8"}, EN),
        ({"LC_ALL": "", "LANG": "vi_VN.UTF-8"}, VI),
        ({"LC_TIME": "vi_VN.UTF-8"}, EN),
        ({"LANGUAGE": "vi"}, VI),
        ({"LANGUAGE": "fr:vi:en", "LANG": "fr_FR.UTF-8"}, VI),
        ({"LANGUAGE": "en:vi", "LANG": "vi_VN.UTF-8"}, EN),
        ({"LANGUAGE": "vi", "LC_ALL": "en_GB.UTF-8"}, VI),
        ({"LANGUAGE": "vi", "LC_ALL": "C"}, EN),
        ({"LANGUAGE": "vi", "LC_ALL": "C.UTF-8"}, VI),
        ({"LANG": "vi_VN.UTF-8", "JOURNAL_STREAM": "8:12345"}, EN),
    ],
)
def test_the_language_is_the_one_that_gettext_would_choose(environment: dict[str, str], language: Language) -> None:
    assert language_of(environment) is language
