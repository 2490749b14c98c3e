"""Perspective projection (homography) of a flat carrier into the camera frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float64]
    Points = npt.NDArray[np.float64]

Size = tuple[int, int]
"""Width and height in pixels."""

FOCAL_WIDTHS = 1.15
"""Focal length in frame widths: a camera with a horizontal view of 47 degrees."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How the carrier is held.

    Attributes:
        module_px: size of one module of the code at its centre, in pixels of the frame.
        centre: where the code's centre stands, in widths and heights of the frame (may be outside).
        tilt_deg: turned about the horizontal axis (top edge away from the camera when positive).
        turn_deg: turned about the vertical axis (right edge away when positive).
        roll_deg: turned in the plane of the picture, clockwise.
    """

    module_px: float = 4.0
    centre: tuple[float, float] = (0.5, 0.5)
    tilt_deg: float = 0.0
    turn_deg: float = 0.0
    roll_deg: float = 0.0


def homography(pose: Pose, size: Size) -> Matrix:
    """Return the 3×3 matrix from the carrier's plane to pixels of the frame.

    The plane is measured in modules from the code's centre, x to the right and y down.
    """
    width, height = size
    focal = FOCAL_WIDTHS * width
    distance = focal / pose.module_px
    tilt, turn, roll = np.radians([pose.tilt_deg, pose.turn_deg, pose.roll_deg])
    about_x = np.array([[1, 0, 0], [0, np.cos(tilt), np.sin(tilt)], [0, -np.sin(tilt), np.cos(tilt)]])
    about_y = np.array([[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    # The carrier is turned on the optical axis and the picture shifted afterwards, so that
    # module_px and the angles mean the same anywhere in the frame.
    lens = np.array([[focal, 0, pose.centre[0] * width], [0, focal, pose.centre[1] * height], [0, 0, 1]])
    stand = (about_x @ about_y @ about_z).astype(np.float64)
    stand[:, 2] = (0, 0, distance)
    product = lens @ stand
    matrix: Matrix = product / product[2, 2]
    return matrix


def project(matrix: Matrix, points: Points) -> Points:
    """Map N×2 points through a homography."""
    mapped: Points = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    flat: Points = mapped[:, :2] / mapped[:, 2:]
    return flat


def perspective_coefficients(matrix: Matrix, offset: tuple[int, int]) -> tuple[float, ...]:
    """Return Pillow's eight PERSPECTIVE numbers for the inverse of *matrix*.

    Args:
        matrix: from the source picture (texels) to the frame (pixels).
        offset: the frame's pixel at which the target picture begins.
    """
    shift = np.array([[1, 0, offset[0]], [0, 1, offset[1]], [0, 0, 1]])
    inverse = np.linalg.inv(matrix) @ shift
    return tuple(float(number) for number in (inverse / inverse[2, 2]).ravel()[:8])
