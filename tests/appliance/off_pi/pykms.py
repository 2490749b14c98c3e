"""Stands in for kms++, which picamera2 imports for its preview windows and Debian does not have."""

from __future__ import annotations


class _AnyName(type):
    def __getattr__(cls, name: str) -> str:
        return name


class PixelFormat(metaclass=_AnyName):
    """Has every pixel format; nobody draws with them here."""
