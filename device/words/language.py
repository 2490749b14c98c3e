"""Which language a person reads, by the variables that gettext asks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """A language that there are words in; its code is that of ISO 639-1."""

    ENGLISH = "en"
    VIETNAMESE = "vi"


LANGUAGES: Final = tuple(str(language) for language in Language)
_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The first that is not empty says the locale of messages (POSIX, 8.2)."""
_OF_PROGRAMS: Final = {"C", "POSIX"}


def language_of(environment: Mapping[str, str]) -> Language:
    """Return the language of an environment, English where it asks for none that we have.

    As in GNU gettext ("The LANGUAGE variable"), ``LANGUAGE`` may list several, best first, and goes before the locale
    except where that is ``C``. What goes to the journal (``JOURNAL_STREAM``, set by systemd) is English.
    """
    locale = next((environment[name] for name in _LOCALE if environment.get(name)), "")
    if locale in _OF_PROGRAMS or "JOURNAL_STREAM" in environment:
        return Language.ENGLISH
    for wanted in (*environment.get("LANGUAGE", "").split(":"), locale):
        code = wanted.replace("-", "_").partition("_")[0].partition(".")[0].partition("@")[0].lower()
        if code in LANGUAGES:
            return Language(code)
    return Language.ENGLISH
