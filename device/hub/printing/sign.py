"""The sign for a camera, and the notice with its legal basis: facts of the settings and the registry, no advice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from device.hub.printing.sheet import Sheet, Text, document


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What people must be told.

    Attributes:
        place: where it is.
        keeper: who keeps what is recorded.
        purpose: why; empty: to trace contacts.
        days: how long it can be read.
        contact: whom to ask.
        legal_basis: why it may be recorded; only a notice has it.
    """

    place: str
    keeper: str
    purpose: str
    days: int
    contact: str
    legal_basis: str = ""


def sign(facts: RecordingFacts, paper: str) -> bytes:
    """Return the sign for a camera as PDF; raises `ConfigurationError` when no font is there."""
    return document(paper, f"{facts.place} · camera", [partial(_sign, facts)])


def notice(facts: RecordingFacts, paper: str) -> bytes:
    """Return the notice as PDF; raises `ConfigurationError` when no font is there."""
    return document(paper, f"{facts.place} · thông báo", [partial(_notice, facts)])


def _sign(facts: RecordingFacts, sheet: Sheet) -> None:
    margin, middle = 14 * sheet.scale, sheet.height * 0.62
    head = [
        Text("CAMERA ĐỌC MÃ", 13, bold=True),
        Text("A camera reads codes here", 6, gap=1),
        Text("KHÔNG GIỮ THẺ, KHÔNG CHỤP THẺ", 15, bold=True),
        Text("Your card is neither kept nor photographed", 7),
    ]
    sheet.block(head, sheet.height - margin, middle)
    sheet.block(_facts(facts), middle - margin / 2, margin, centred=False)


def _notice(facts: RecordingFacts, sheet: Sheet) -> None:
    margin = 14 * sheet.scale
    told = [
        Text("THÔNG BÁO VỀ DỮ LIỆU CÁ NHÂN", 9, bold=True),
        Text("Notice about personal data", 5, gap=0.5),
        Text(facts.place, 7, bold=True, gap=1),
        *_facts(facts),
        *_fact("Căn cứ pháp lý", "Legal basis", facts.legal_basis),
        *_fact(
            "Quyền của bạn",
            "Your rights",
            "hỏi, xem, sửa, xoá hoặc phản đối việc ghi dữ liệu của mình, tại nơi nêu trên",
            "to ask, see, correct, delete or object to what is recorded of you, at the address above",
        ),
        Text("Thẻ không bị giữ, không bị chụp. Tờ này nêu sự việc, không phải tư vấn pháp lý.", 4.5, bold=True),
        Text("Cards are neither kept nor photographed. This sheet tells facts; it is no legal advice.", 4),
    ]
    sheet.block(told, sheet.height - margin, margin, centred=False)


def _facts(facts: RecordingFacts) -> list[Text]:
    why = (facts.purpose, "") if facts.purpose else ("biết ai đã ở đây, nếu phải truy vết dịch", _WHY)
    return [
        *_fact("Ai giữ", "Who keeps it", facts.keeper),
        *_fact("Giữ gì", "What", _WHAT_VIETNAMESE, _WHAT),
        *_fact("Để làm gì", "Why", *why),
        *_fact(
            "Bao lâu",
            "How long",
            f"{facts.days} ngày, sau đó khoá bị huỷ và không ai đọc được nữa",
            f"{facts.days} days, then the key is destroyed and nobody can read it any more",
        ),
        *_fact("Hỏi ai", "Whom to ask", facts.contact),
    ]


_WHAT_VIETNAMESE = "những gì ghi trong mã bạn đưa ra (tên, số), giờ và nơi; niêm phong ngay tại máy, không lưu hình"
_WHAT = "what your code says (name, number), the time and the place; sealed at once, no picture is stored"
_WHY = "to know who was here, should an epidemic have to be traced"


def _fact(vietnamese: str, english: str, told: str, told_english: str = "") -> list[Text]:
    """Return a fact in both languages; a name or a text of the operator's stands there once."""
    under = f"{english}: {told_english}" if told_english else english
    return [Text(f"{vietnamese}: {told}", 6, bold=True), Text(under, 4.5, gap=0.8)]
