from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest

from device.hub.printing.sheet import PAPERS
from device.hub.printing.sign import RecordingFacts, notice, sign

FACTS = RecordingFacts("Chợ Mới", "UBND xã Đỗ Động", "", 21, "Nguyễn Văn Thử, 0912 345 678", "Quyết định số 12 của xã")


def words(content: bytes) -> str:
    pdf = pypdfium2.PdfDocument(content)
    try:
        assert len(pdf) == 1
        return " ".join(pdf[0].get_textpage().get_text_range().split())
    finally:
        pdf.close()


@pytest.mark.parametrize("paper", PAPERS)
def test_a_sign_tells_who_keeps_what_why_how_long_and_whom_to_ask(paper: str) -> None:
    told = words(sign(FACTS, paper))
    assert "KHÔNG GIỮ THẺ, KHÔNG CHỤP THẺ" in told
    for fact in (FACTS.keeper, "tên, số", "truy vết", "21 ngày", "21 days", FACTS.contact):
        assert fact in told
    assert FACTS.legal_basis not in told


@pytest.mark.parametrize("paper", PAPERS)
def test_a_notice_has_the_legal_basis_and_says_that_it_is_no_advice(paper: str) -> None:
    told = words(notice(replace(FACTS, purpose="Phòng cháy"), paper))
    for fact in (FACTS.legal_basis, "không phải tư vấn pháp lý", "no legal advice", "Phòng cháy", "Your rights"):
        assert fact in told
    assert "truy vết" not in told
