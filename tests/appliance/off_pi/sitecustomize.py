"""Python loads this by itself: it makes up for what picamera2 takes for granted and libcamera's virtual camera lacks.

Nothing of the gate is touched. The virtual camera (libcamera 0.4) has no raw stream and refuses a configuration that
asks for one; it wants luma and chroma of a buffer named apart; and it never sets the status of a frame.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# Now: when picamera2 asks for it, the eye may not read this folder any more.
import pykms  # type: ignore[import-not-found] # noqa: F401


def _adapt(libcamera: Any) -> None:  # noqa: ANN401 - libcamera is untyped
    raw, other = libcamera.StreamRole.Raw, libcamera.StreamRole.Viewfinder
    configure = libcamera.Camera.generate_configuration

    def without_raw(camera: Any, roles: list[Any]) -> Any:  # noqa: ANN401 - same
        return configure(camera, roles) or configure(camera, [other if role == raw else role for role in roles])

    plain: Any = libcamera.FrameBuffer

    class TwoPlanes(plain):  # type: ignore[misc] # untyped
        def __init__(self, planes: list[Any], cookie: int = 0) -> None:
            if len(planes) == 1:
                luma, chroma = planes[0], plain.Plane()
                chroma.fd, chroma.offset = luma.fd, luma.offset + luma.length * 2 // 3
                chroma.length = luma.length - luma.length * 2 // 3
                luma.length -= chroma.length
                planes = [luma, chroma]
            super().__init__(planes, cookie)

    libcamera.Camera.generate_configuration = without_raw
    libcamera.FrameBuffer = TwoPlanes
    libcamera.FrameMetadata.status = property(lambda _frame: libcamera.FrameMetadata.Status.Success)


class _Finder:
    """Adapts libcamera when somebody imports it, and not before: it starts threads."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        if name != "libcamera":
            return None
        sys.meta_path.remove(_Finder)
        found = importlib.util.find_spec(name)
        if found is not None and found.loader is not None:
            load = found.loader.exec_module

            def load_and_adapt(module: ModuleType) -> None:
                load(module)
                _adapt(module)

            found.loader.exec_module = load_and_adapt  # type: ignore[method-assign]
        return found


sys.meta_path.insert(0, _Finder)
