"""Sweeps through the range of posture, one degree at a time: are lengths and moment arms continuous, and over
which angles was each muscle checked?
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from counterpull.anatomy import paths
from counterpull.anatomy.body import Body
from counterpull.anatomy.posture import COORDINATES, Posture
from counterpull.anatomy.scaling import Floats

LONGEST = 2.0
"""Fibre over optimal fibre length that no posture may exceed. Filaments part at 1.7; a rigid tendon adds what
a real one would give (assumed, grade D)."""
STANDING_RATIO = (0.5, 1.5)
"""The same in the reference posture, where no muscle is near its limits (assumed, grade D)."""
SLACK = 0.35
"""Below this ratio a muscle hangs slack and pulls nothing, as two-joint muscles do when both ends approach."""
ARM_STEP = 6e-3
"""Largest change of a moment arm, m, within one degree; a string that leaves its wrap changes at most so."""

SINGLE = {
    "hip_flexion": (-25, 120),
    "hip_abduction": (-25, 45),
    "hip_rotation": (-35, 35),
    "knee_flexion": (0, 120),
    "lordosis": (-45, 25),
    "trunk_bend": (-25, 25),
    "trunk_rotation": (-20, 20),
}
"""Degrees over which each coordinate is swept alone. The right side's serve for both."""
COMBINED = {"hip_flexion": (-15, 110), "hip_abduction": (-20, 0, 30), "hip_rotation": (-30, 0, 30)}
"""Hip flexion is also swept at these abductions and rotations, with the knee straight and at 90 degrees."""
_CHUNK = 64
"""Postures whose pulls are held in memory together."""


@dataclass(frozen=True)
class Sweep:
    """One coordinate moved in steps of a degree, the others held. N postures, E right-side elements."""

    coordinate: str
    degrees: Floats
    """(N,)"""
    held: Posture
    lengths: Floats
    """(N, E)"""
    arms: Floats
    """(N, E, 12)"""

    @property
    def smooth(self) -> np.ndarray:
        """(N - 1, E): the step from each posture to the next is continuous in length and in moment arm."""
        step = np.abs(np.diff(self.arms, axis=0)).max(-1)
        at = COORDINATES.index(self.coordinate)
        mean_arm = 0.5 * (self.arms[1:, :, at] + self.arms[:-1, :, at])
        work = np.abs(np.diff(self.lengths, axis=0) + mean_arm * np.deg2rad(1.0))
        finite = np.isfinite(self.arms[1:]).all(-1) & np.isfinite(self.lengths[1:])
        return finite & (step <= ARM_STEP) & (work <= 0.5 * ARM_STEP * np.deg2rad(1.0))


def sweep(body: Body, coordinate: str, low: int, high: int, held: Posture) -> Sweep:
    """Move one coordinate from `low` to `high` degrees."""
    degrees = np.arange(low, high + 1, dtype=float)
    angles = np.repeat(held.array()[None], len(degrees), axis=0)
    angles[:, COORDINATES.index(coordinate)] = np.deg2rad(degrees)
    lengths, arms = lengths_and_arms(body, angles)
    return Sweep(coordinate, degrees, held, lengths, arms)


def singles(body: Body) -> Iterator[Sweep]:
    """Every coordinate alone, over SINGLE, from the reference posture."""
    for name, (low, high) in SINGLE.items():
        coordinate = name if name in COORDINATES else f"{name}_right"
        yield sweep(body, coordinate, low, high, Posture())


def combined(body: Body) -> Iterator[Sweep]:
    """Hip flexion over COMBINED at every abduction and rotation, straight and bent knee."""
    low, high = COMBINED["hip_flexion"]
    for abduction in COMBINED["hip_abduction"]:
        for rotation in COMBINED["hip_rotation"]:
            knee = 90.0 if abduction == 0 else 0.0
            held = Posture(
                hip_abduction_right=np.deg2rad(abduction),
                hip_rotation_right=np.deg2rad(rotation),
                knee_flexion_right=np.deg2rad(knee),
            )
            yield sweep(body, "hip_flexion_right", low, high, held)


def checked_ranges(sweeps: list[Sweep], elements: int) -> list[dict[str, tuple[float, float]]]:
    """Per element and coordinate, the degrees around the reference posture that were checked and held."""
    out: list[dict[str, tuple[float, float]]] = [{} for _ in range(elements)]
    for one in sweeps:
        name = one.coordinate.removesuffix("_right")
        zero = int(np.argmin(np.abs(one.degrees)))
        smooth = one.smooth
        for e in range(elements):
            first = last = zero
            while last + 1 < len(one.degrees) and smooth[last, e]:
                last += 1
            while first > 0 and smooth[first - 1, e]:
                first -= 1
            out[e][name] = (float(one.degrees[first]), float(one.degrees[last]))
    return out


def lengths_and_arms(body: Body, angles: Floats) -> tuple[Floats, Floats]:
    """Lengths (N, E) and moment arms (N, E, 12) of the right side at postures (N, 12)."""
    half = len(body.elements) // 2
    lengths = paths.lengths(body.topology, body.geometry, angles)[:, :half]
    pieces = np.array_split(angles, -(-len(angles) // _CHUNK))
    arms = [paths.moment_arms(body.topology, body.geometry, piece)[:, :half] for piece in pieces]
    return lengths, np.concatenate(arms)
