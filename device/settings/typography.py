"""Letters that look right and are not: blanks, colons and quotes of word processors, where YAML has its own.

They are looked for outside of quotes and comments: as indentation, beside a colon, round a value. Inside a value they
are text, and left to the rule of the value, but for what nobody sees and what is only wider than it should be.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from device.words import say, sentence

BLANKS: Final = "\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000"
_QUOTES: Final = "“”„‟‘’‚‛«»‹›″＂＇"
_HIDDEN: Final = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
_WIDE: Final = "\uff01-\uff5e"
_ODD: Final = re.compile(
    rf"""
    ^(?P<indentation>[ ]*(?:-[ ]+)*-?)(?P<blank_before>[{BLANKS}])  # where the indentation should be, behind a dash
    | (?P<colon>[：﹕])                                               # instead of a colon
    | :[ ]*(?P<blank_behind>[{BLANKS}])                               # behind a colon
    | (?P<blank_key>[{BLANKS}])[ ]*:                                  # before a colon
    | (?:^[ ]*(?:-[ ]+)*|:[ ]+|[\[{{][ ]*)(?P<quote>[{_QUOTES}])       # where a value begins
    | (?P<blank_end>[{BLANKS}])[ ]*(?:\#.*)?$                         # behind a value
    | (?P<hidden>[{_HIDDEN}])
    | (?P<wide>[{_WIDE}])
    """,
    re.VERBOSE,
)
_NAMED: Final = {
    "colon": sentence("write a plain colon (:) instead of {letter}"),
    "quote": sentence("write plain quotes (' or \") instead of {letter}"),
    "hidden": sentence("remove the invisible character {letter} here"),
    "wide": sentence("write a plain letter or digit instead of {letter}"),
}
_BLANK: Final = sentence("write a plain space instead of {letter}")


def odd_letter(line: str) -> tuple[int, str] | None:
    """Find the first odd letter of a line outside of quotes and comments.

    Returns:
        Its column, counted from 1, and what to write instead; ``None`` when there is none.
    """
    found = _ODD.search(_bare(line))
    if found is None:
        return None
    group = next(name for name, text in found.groupdict().items() if text and name != "indentation")
    letter, at = found[group], found.start(group)
    name = unicodedata.name(letter, "no name").lower()
    return at + 1, say(_NAMED.get(group, _BLANK), letter=f"U+{ord(letter):04X} ({name})")


def _bare(line: str) -> str:
    """Blank out what stands in quotes, and drop a comment; an apostrophe within a word opens nothing."""
    kept, quote, before = [], "", " "
    for letter in line:
        if quote:
            kept.append("x")
            quote = "" if letter == quote else quote
        elif letter == "#" and before.isspace():
            break
        elif letter in "'\"" and not before.isalnum():
            kept.append("x")
            quote = letter
        else:
            kept.append(letter)
        before = letter
    return "".join(kept)
