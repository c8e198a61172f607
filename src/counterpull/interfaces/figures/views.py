"""From where a picture is seen: parallel projections, and which half is shown."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.raster import Camera


@dataclass(frozen=True, slots=True)
class View:
    """A direction to look from."""

    toward: tuple[float, float, float]
    """Toward the viewer, in P; any length."""
    words: str
    """What a reader has to know of it."""
    up: tuple[float, float, float] = (0.0, 1.0, 0.0)
    half: str | None = None
    """The side that alone is shown, seen from the midplane."""

    @property
    def axes(self) -> Floats:
        """Rows: right on the page, up on the page, toward the viewer."""
        toward = np.array(self.toward) / np.linalg.norm(self.toward)
        across = np.cross(self.up, toward)
        across /= np.linalg.norm(across)
        return np.array([across, np.cross(toward, across), toward])


VIEWS = {
    "front": View((1, 0, 0), "seen from the front: the right side is on the left"),
    "back": View((-1, 0, 0), "seen from behind: the right side is on the right"),
    "right": View((0, 0, 1), "seen from the right: the front is on the right"),
    "left": View((0, 0, -1), "seen from the left: the front is on the left"),
    "three_quarter": View((0.78, 0.22, 0.6), "seen from the front and the right, a little from above"),
    "three_quarter_back": View((-0.78, 0.22, 0.6), "seen from behind and the right, a little from above"),
    "inside": View((0, 0, -1), "right half, seen from the midline: the front is on the left", half="right"),
    "inside_left": View(
        (0, 0, 1), "left half, seen from the midline: the front is on the right", half="left"
    ),
    "top": View(
        (0, 1, 0), "seen from above: the front is at the top, the right side on the right", (1, 0, 0)
    ),
    "below": View(
        (0, -1, 0), "seen from below: the front is at the top, the right side on the left", (1, 0, 0)
    ),
}


def camera(view: View, shown: Iterable[Floats], resolution: float, margin: float = 0.008) -> Camera:
    """A camera whose page just holds these points (n, 3), with a margin, m; `resolution` in pixels per metre."""
    axes = view.axes
    flat = np.vstack([points.reshape(-1, 3) for points in shown]) @ axes[:2].T
    low, high = flat.min(0) - margin, flat.max(0) + margin
    return Camera(
        axes,
        (float(low[0]), float(low[1])),
        (float(high[0]), float(high[1])),
        resolution,
        cut=view.half is not None,
    )
