"""How thick a muscle element is along its course: tendon, belly, tendon."""

from dataclasses import dataclass

import numpy as np

from counterpull.anatomy.scaling import Floats


@dataclass(frozen=True, slots=True)
class Flesh:
    """How thick an element is along its course: tendon, belly, tendon."""

    start: float
    end: float
    """Shares of the course at which the belly begins and ends."""
    volume: float
    belly: float
    """Length of the belly, m."""
    tendon_area: float

    @classmethod
    def of(
        cls,
        *,
        length: float,
        now: float,
        beyond: float,
        area: float,
        fibre: float,
        pennation: float,
        least: float,
        turned: bool,
    ) -> "Flesh":
        """A belly is as long as its fibres, and longer the more they are feathered: by 0.7 of what is left of
        the course at 12 degrees (after belly and fibre lengths of Ward 2009). An eighth of the tendon is at
        the origin. The last `beyond` of the course is tendon in any case. One that is `turned` has its
        tendons the other way round."""
        along = min(fibre * np.cos(pennation), 0.96 * length)
        belly = along + 0.7 * min(pennation / np.deg2rad(12), 1.0) * (length - along)
        belly = float(np.clip(belly, least * length, min(0.97 * length, length - beyond)))
        stretched = max(now - (length - belly), 0.4 * belly)
        before = min(0.13 * (now - stretched), now - stretched - beyond) / now
        start = max(before, 0.0)
        end = min(start + stretched / now, 1.0)
        return cls(
            start=1 - end if turned else start,
            end=1 - start if turned else end,
            volume=area * fibre / max(np.cos(pennation), 0.5),
            belly=stretched,
            tendon_area=area / 28,
        )

    def area(self, u: Floats, power: float) -> Floats:
        """Cross-section (...) at shares u of the course, m²; its integral is the volume."""
        v = np.clip((u - self.start) / (self.end - self.start), 0, 1)
        shape = np.sin(np.pi * v) ** power
        mean = np.mean(np.sin(np.pi * (np.arange(200) + 0.5) / 200) ** power)
        return self.tendon_area + self.volume / self.belly * shape / mean

    def tendon(self, u: Floats) -> Floats:
        """1 where a course is tendon, 0 where flesh."""
        v = (u - self.start) / (self.end - self.start)
        return 1 - np.clip(np.minimum(v, 1 - v) / 0.09 + 0.25, 0, 1)


def length(line: Floats) -> float:
    """Of a polyline, m."""
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def at_distance(line: Floats, reach: Floats) -> Floats:
    """Points of a polyline at distances from its end; its beginning where it is shorter."""
    along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line[::-1], axis=0), axis=1))]
    return np.stack([np.interp(reach, along, line[::-1, k]) for k in range(3)], axis=-1)


def without(line: Floats, first: float, last: float) -> Floats:
    """A polyline without so much of its beginning and of its end, m."""
    along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    kept = line[(along > first) & (along < along[-1] - last)]
    return np.vstack([at_distance(line[::-1], np.array([first])), kept, at_distance(line, np.array([last]))])
