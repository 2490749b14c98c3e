"""QR decoder: two engines (zxing-cpp, libzbar), several preprocessing variants, the exact bytes of the payload.

`default_decoder` is what the gate runs. `still_reader` and `stream_reader` are the same decoder for benchmarks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from device.decoder.cascade import Cascade, read_once
from device.decoder.selftest import ENGINES, fit_engines
from device.decoder.tries import chain

if TYPE_CHECKING:
    from device.model import Luma

__all__ = ["Cascade", "default_decoder", "still_reader", "stream_reader"]


def default_decoder(leave_out: frozenset[str] = frozenset()) -> tuple[Cascade, tuple[str, ...]]:
    """Make the gate's decoder from the engines that are installed and pass the self-test.

    Args:
        leave_out: names of engines not to run (``zxing``, ``zbar``), because they crashed lately.

    Returns:
        The decoder, and the names of the engines that run, best first. `Cascade.left_out` says
        why others do not.

    Raises:
        DecoderUnfit: not one engine is left.
    """
    fit, left_out = fit_engines([(name, make) for name, make in ENGINES if name not in leave_out])
    skipped = tuple(f"{name} is left out for now" for name, _ in ENGINES if name in leave_out)
    return Cascade(chain(fit), left_out + skipped), tuple(fit)


def still_reader() -> Callable[[Luma], list[bytes]]:
    """Return a function from one plane (H×W uint8) to its payloads: every try on that picture, nothing kept between."""
    tries = chain(fit_engines()[0])
    return lambda luma: [symbol.payload for symbol in read_once(tries, luma)]


def stream_reader() -> Callable[[Luma], list[bytes]]:
    """Return a function from the next frame (H×W uint8) to its payloads, as the gate reads frames in order."""
    decoder, _ = default_decoder()
    return lambda luma: [symbol.payload for symbol in decoder.decode(luma)[0]]
