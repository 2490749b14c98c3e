"""Words for people: sentences stand in the code in English, and a person's language is chosen by a command.

`say` returns a sentence with its values filled in, `say_many` one that counts; in English unless the command runs
inside of `speaking`. Services, logs and JSON never do, so that they stay English whatever the machine's language is.
The dictionaries (`vietnamese`) have the English sentence as their key, and tests hold them complete.

To translate a command: give every text that it prints to ``say("{count} of {all} …", count=…)``, never an f-string and
never a sentence in pieces; mark one that stands in a table with ``sentence("…")`` and say it where it is printed; then
run ``pytest tests/words``, which names each sentence that ``vietnamese/`` lacks, and those that nothing says any more.
"""

from __future__ import annotations

from device.words.heard import heard
from device.words.language import LANGUAGES, Language, language_of
from device.words.reasons import why_of
from device.words.spoken import number, say, say_many, sentence, speaking, speaking_here, spoken

__all__ = [
    "LANGUAGES",
    "Language",
    "heard",
    "language_of",
    "number",
    "say",
    "say_many",
    "sentence",
    "speaking",
    "speaking_here",
    "spoken",
    "why_of",
]
