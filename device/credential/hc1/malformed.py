"""The one way the layers of a certificate say no."""

from __future__ import annotations

from device.errors import GateScannerError


class Malformed(GateScannerError):
    """The bytes break the format; caught in `read`, so it never leaves this package.

    The message names the layer and the rule, never anything of the bytes.
    """
