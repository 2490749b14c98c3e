from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device.decoder import default_decoder
from device.decoder.engines import Engine, EngineResult, Zbar, Zxing
from device.decoder.selftest import PICTURE, TEXT, fit_engines, read_pgm, why_unfit
from device.errors import DecoderUnfit

if TYPE_CHECKING:
    from device.model import Luma

# Every letter of the Vietnamese alphabet with a mark of its own or a tone, as used in names.
MARKED = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"


def missing() -> Engine:
    raise ImportError("no such library")


class Blind:
    name = "blind"

    def read(self, luma: Luma) -> EngineResult:
        return EngineResult()


def test_the_shipped_text_has_every_vietnamese_letter() -> None:
    text = TEXT.read_text(encoding="utf-8")
    assert set(MARKED + MARKED.upper()) <= set(text)


def test_both_engines_give_the_exact_text_of_the_shipped_picture() -> None:
    fit, left_out = fit_engines()
    assert list(fit) == ["zxing", "zbar"]
    assert left_out == ()


def test_libzbar_as_pyzbar_runs_it_would_fail() -> None:
    picture, text = read_pgm(PICTURE), TEXT.read_bytes()
    assert why_unfit(Zbar(), picture, text) is None
    assert why_unfit(Zbar(binary=False), picture, text) == "zbar changes the text of the self-test picture"


def test_an_engine_that_fails_is_left_out_and_named() -> None:
    fit, left_out = fit_engines([("zxing", Zxing), ("zbar", lambda: Zbar(binary=False))])
    assert list(fit) == ["zxing"]
    assert left_out == ("zbar changes the text of the self-test picture",)


def test_an_engine_that_is_not_installed_is_left_out_and_named() -> None:
    fit, left_out = fit_engines([("zxing", missing), ("zbar", Zbar)])
    assert list(fit) == ["zbar"]
    assert left_out == ("zxing is not installed (no such library)",)


def test_no_fit_engine_is_an_error_that_names_each() -> None:
    with pytest.raises(DecoderUnfit, match=r"zxing is not installed .*; blind does not read"):
        fit_engines([("zxing", missing), ("blind", Blind)])


def test_an_engine_may_be_left_out_for_a_while_but_never_all() -> None:
    decoder, engines = default_decoder(frozenset({"zxing"}))
    assert engines == ("zbar",)
    assert decoder.left_out == ("zxing is left out for now",)
    symbols, _ = decoder.decode(read_pgm(PICTURE))
    assert [(symbol.payload, symbol.engine) for symbol in symbols] == [(TEXT.read_bytes(), "zbar")]
    with pytest.raises(DecoderUnfit):
        default_decoder(frozenset({"zxing", "zbar"}))


@pytest.mark.parametrize(
    "content",
    [b"", b"P5", b"P2\n2 2\n255\n0 0 0 0", b"P5\n2 2\n65535\n12345678", b"P5\n2 2\n255\n123", b"P5\n-2 2\n255\n1234"],
    ids=["empty", "short", "not-binary", "16-bit", "truncated", "negative"],
)
def test_a_damaged_picture_is_an_error_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.pgm"
    path.write_bytes(content)
    with pytest.raises(DecoderUnfit, match=r"broken\.pgm"):
        read_pgm(path)


def test_a_missing_picture_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(DecoderUnfit, match=r"absent\.pgm"):
        read_pgm(tmp_path / "absent.pgm")


def test_a_pgm_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "small.pgm"
    path.write_bytes(b"P5\n3 2\n255\n" + bytes(range(9, 15)))  # 9 to 13 are white space: data all the same
    np.testing.assert_array_equal(read_pgm(path), [[9, 10, 11], [12, 13, 14]])
