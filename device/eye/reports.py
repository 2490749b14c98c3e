"""What a supervised eye reports: failures, what was done about them, crashes of engines."""

from __future__ import annotations

from device.model import CameraView


class EyeReports:
    """What happens to the eye; each method is called on the scan thread, does nothing, and may be overridden."""

    def failed(self, reason: str) -> None:
        """Hear of a failure, once for each, with its reason."""

    def step(self, step: str) -> None:
        """Hear what else there is to count.

        ``covered`` is a failure of the lens, ``reopened``: the eye opens its camera again, ``replaced``: a new eye,
        ``left``: the old one has not ended though it was killed.
        """

    def crashed(self, engine: str) -> None:
        """Hear the name of the engine inside which the eye died, or fell silent."""

    def engines(self, in_use: tuple[str, ...], left_out: tuple[str, ...]) -> None:
        """Hear which engines run now and which are left out because they crashed; called when that changes."""

    def view(self, view: CameraView) -> None:
        """Hear what the camera shows, and how many frames a second it is asked for; called when that changes."""
