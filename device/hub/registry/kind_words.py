"""What people call the kinds of places."""

from __future__ import annotations

from typing import Final

from device.settings.choices import PlaceKind
from device.words import say, sentence

KIND_WORDS: Final = {
    PlaceKind.OFFICE: sentence("office"),
    PlaceKind.SCHOOL: sentence("school"),
    PlaceKind.HOSPITAL: sentence("hospital"),
    PlaceKind.SHOP: sentence("shop"),
    PlaceKind.MARKET: sentence("market"),
    PlaceKind.VEHICLE: sentence("vehicle"),
    PlaceKind.OTHER: sentence("other kind of place"),
}


def kind_words(kind: str) -> str:
    """Return what people call a kind; a word of a newer version stands as it is."""
    return say(KIND_WORDS[PlaceKind(kind)]) if kind in {*PlaceKind} else kind
