"""A secret text that never prints itself: tokens, passwords, signing secrets."""

from __future__ import annotations


class Secret:
    """A text that does not print itself: not in a log, a traceback or a debugger's view."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, where it is really needed."""
        return self._text

    def __repr__(self) -> str:
        return "••••"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a secret does not leave the process by itself")
