"""Letters that look right and are not: blanks, colons and quotes of word processors, where YAML has its own.

They are looked for outside of quotes and comments. Within a value, quotes of a word processor and a long dash are text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from device.words import Language, say, sentence, spoken

BLANKS: Final = "\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000"
_QUOTES: Final = "“”„‟‘’‚‛«»‹›″＂＇"
_HIDDEN: Final = "\u00ad\u180e\u200e\u200f\u202a-\u202e\u2061-\u206f"
_WIDE: Final = "\u3001\u3002\uff01-\uff5e"
_ODD: Final = re.compile(
    rf"""
    (?<=\w)(?P<hidden_2>[\u200b-\u200d\u2060])(?=\w)               # within a word
    | (?P<blank>[{BLANKS}])
    | (?P<colon>[：﹕])                                               # instead of a colon
    | (?:^[ ]*(?:-[ ]+)*|:[ ]+|[\[{{][ ]*)(?P<quote>[{_QUOTES}])       # where a value begins
    | ,[ ]*(?P<quote_2>[{_QUOTES}])                                    # where another does, in brackets
    | ^[ ]*(?P<dash_2>[–—•·])[ ]                               # where an item of a list begins
    | (?P<dash>[\u2010\u2011\u2212])                                 # instead of the minus of the keyboard
    | (?P<hidden>[{_HIDDEN}])
    | (?P<wide>[{_WIDE}])
    """,
    re.VERBOSE,
)
_NAMED: Final = {
    "colon": sentence("write a plain colon (:) instead of {letter}"),
    "quote": sentence("write plain quotes (' or \") instead of {letter}"),
    "dash": sentence("write a plain minus (-) instead of {letter}"),
    "hidden": sentence("remove the invisible character {letter} here"),
    "wide": sentence("write the plain character instead of {letter}"),
}
_NAMES: Final = {
    sentence("no-break space"),
    sentence("narrow no-break space"),
    sentence("zero width space"),
    sentence("ideographic space"),
    sentence("fullwidth colon"),
    sentence("fullwidth comma"),
    sentence("left double quotation mark"),
    sentence("right double quotation mark"),
    sentence("left single quotation mark"),
    sentence("right single quotation mark"),
    sentence("left-pointing double angle quotation mark"),
    sentence("non-breaking hyphen"),
    sentence("soft hyphen"),
    sentence("minus sign"),
    sentence("en dash"),
    sentence("em dash"),
    sentence("bullet"),
}
"""Letters that word processors and telephones put in; of others who reads no English is told the code point alone."""
_BLANK: Final = sentence("write a plain space instead of {letter}")


def odd_letter(line: str) -> tuple[int, str] | None:
    """Find the first odd letter of a line outside of quotes and comments.

    Returns:
        Its column, counted from 1, and what to write instead; ``None`` when there is none.
    """
    bare = _bare(line)
    bracket = min((at for at in map(bare.find, "[{") if at >= 0), default=len(bare))
    for found in _ODD.finditer(bare):
        group = next(name for name, text in found.groupdict().items() if text)
        if group != "quote_2" or bracket < found.start():  # a comma in a text begins nothing
            told = _NAMED.get(group.removesuffix("_2"), _BLANK)
            return found.start(group) + 1, say(told, letter=named(found[group]))
    return None


def named(letter: str) -> str:
    """Return how a letter is named that cannot be told by its looks: code point, and name where people have one."""
    name = unicodedata.name(letter, "no name").lower()
    if name in _NAMES:
        name = say(name)
    elif spoken() is not Language.ENGLISH:
        return f"U+{ord(letter):04X}"
    return f"U+{ord(letter):04X} ({name})"


def plain_space_for(letter: str) -> str:
    """Say what to write instead of a blank that is not the keyboard's."""
    return say(_BLANK, letter=named(letter))


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
