"""The poster of an entrance: its code, and on a second page where to hang it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from device.hub.printing.sheet import Sheet, Text, document

_FOOT: Final = 34.0
HANG: Final = (
    (
        "Mỗi lối vào một tờ, cạnh cửa, phía người đi vào nhìn thấy trước.",
        "One at each entrance, beside the door, where people who come see it first.",
    ),
    ("Mép trên cách sàn khoảng 130 cm.", "Its upper edge about 130 cm above the floor."),
    (
        "Không dán lên cửa lùa hay cửa mở ra ngoài: mã sẽ biến mất khi cửa mở.",
        "Not on a sliding door, nor on one that opens outwards: the code would go with it.",
    ),
    (
        "Tránh chỗ chói: không đối diện cửa sổ, không dưới đèn rọi, không ép nhựa bóng.",
        "No glare: not opposite a window, not beneath a spotlight, not in glossy foil.",
    ),
    (
        "In đúng cỡ giấy (100 %), đen trên giấy trắng; giữ phần trắng quanh mã.",
        "Print it at its size (100 %), black on white; leave the white around the code.",
    ),
    (
        "Gỡ mọi tờ có số nhỏ hơn của lối vào này.",
        "Take down every one of this entrance that has a lower number.",
    ),
)
"""Where to hang a poster, in Vietnamese and in English."""


@dataclass(frozen=True, slots=True)
class PosterFacts:
    """What stands on a poster.

    Attributes:
        name: of the place.
        entrance: which one it is for.
        number: of the poster at this entrance.
        made: the day it was made, at the place.
        poster_id: its first letters are printed, to be told by telephone.
        payload: what the code holds.
    """

    name: str
    entrance: str
    number: int
    made: date
    poster_id: str
    payload: bytes


def poster(facts: PosterFacts, paper: str) -> bytes:
    """Return the poster as PDF; raises `ConfigurationError` when no font is there."""
    title = f"{facts.name} · {facts.entrance} · {facts.number}"
    return document(paper, title, [partial(_front, facts), partial(_how_to_hang, facts)])


def above_code(facts: PosterFacts) -> list[Text]:
    """Return what stands above the code."""
    return [
        Text("QUÉT MÃ KHI ĐẾN", 11, bold=True),
        Text("Scan this code when you come", 5, gap=0.5),
        Text(facts.name, 10, bold=True),
        Text(facts.entrance, 7),
    ]


def beneath_code(facts: PosterFacts) -> list[Text]:
    """Return what stands beneath it, which tells this poster from those before."""
    day = f"{facts.made:%d/%m/%Y}"
    older = " Thay các tờ số nhỏ hơn." if facts.number > 1 else ""
    newer = " It replaces every lower number." if facts.number > 1 else ""
    return [
        Text(f"Áp phích số {facts.number} · ngày {day} · {facts.poster_id[:6]}.{older}", 5, bold=True),
        Text(f"Poster no. {facts.number} of {day}.{newer}", 4),
    ]


def _front(facts: PosterFacts, sheet: Sheet) -> None:
    foot, margin = _FOOT * sheet.scale, 8 * sheet.scale
    above = sheet.code(facts.payload, foot)
    sheet.block(above_code(facts), sheet.height - margin, above)
    sheet.block(beneath_code(facts), foot, margin / 2)


def _how_to_hang(facts: PosterFacts, sheet: Sheet) -> None:
    told = [Text("TREO Ở ĐÂU", 10, bold=True), Text("Where to hang it", 5, gap=0.7)]
    told.append(Text(f"{facts.name} · {facts.entrance} · số {facts.number}", 6, bold=True, gap=1))
    for vietnamese, english in HANG:
        told += [Text(f"• {vietnamese}", 7, bold=True), Text(english, 5, gap=1)]
    margin = 14 * sheet.scale
    sheet.block(told, sheet.height - margin, margin, centred=False)
