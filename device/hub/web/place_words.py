"""What the pages call the fields of a place, its kinds, and how a gate stands."""

from __future__ import annotations

from typing import Final

from device.hub.registry.opening_hours import in_language
from device.hub.registry.place import RegisteredPlace
from device.hub.web.asking import Ask
from device.settings.choices import PlaceKind
from device.words import say, sentence

LABELS: Final = {
    "name": sentence("Name"),
    "kind": sentence("Kind"),
    "province": sentence("Province or city"),
    "commune": sentence("Commune or ward"),
    "address": sentence("Rest of the address"),
    "responsible": sentence("Who answers for it"),
    "phone": sentence("Phone"),
    "opening_hours": sentence("Opening hours"),
    "time_zone": sentence("Time zone"),
    "legal_basis": sentence("Legal basis of recording"),
    "code": sentence("Its code"),
}
"""Of every field of a place, in the order of the pages."""
KIND_WORDS: Final = {
    PlaceKind.OFFICE: sentence("agency or office"),
    PlaceKind.SCHOOL: sentence("school"),
    PlaceKind.HOSPITAL: sentence("hospital"),
    PlaceKind.SHOP: sentence("shop"),
    PlaceKind.MARKET: sentence("market"),
    PlaceKind.VEHICLE: sentence("vehicle"),
    PlaceKind.OTHER: sentence("something else"),
}
GATE_STATES: Final = {
    "well": sentence("works"),
    "trouble": sentence("has trouble"),
    "silent": sentence("is silent"),
    "never": sentence("was never heard"),
    "revoked": sentence("is revoked"),
}


def kinds() -> list[tuple[str, str]]:
    """Return the kinds of places: what a form sends, and how it is called."""
    return [(str(kind), say(words)) for kind, words in KIND_WORDS.items()]


def kind_words(kind: str) -> str:
    """Return how a kind is called; one that a newer version has written stands as it is."""
    return say(KIND_WORDS[PlaceKind(kind)]) if kind in {str(one) for one in PlaceKind} else kind


def told_fields(ask: Ask, place: RegisteredPlace) -> list[tuple[str, str]]:
    """Return every field of a place: what it is called, and what stands in it."""
    return [(say(label), told_field(ask, place, name)) for name, label in LABELS.items()]


def told_field(ask: Ask, place: RegisteredPlace, name: str) -> str:
    """Return what stands in a field, as people of the language write it."""
    text: str = getattr(place, name)
    if name == "kind":
        return kind_words(text)
    return in_language(text, ask.language) if name == "opening_hours" else text
