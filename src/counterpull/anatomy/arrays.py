"""The tables as arrays, both sides, unscaled: what all bodies of one table set share."""

from functools import cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy.paths import Topology
from counterpull.anatomy.posture import BODIES, LEVELS, SIDED_BODIES, SIDES
from counterpull.anatomy.records import Tables
from counterpull.anatomy.scaling import Cloud, Floats, Skeleton


class Arrays(NamedTuple):
    """Clouds of places, what belongs to them, and the knee's spline."""

    points: Cloud
    point_keys: list[str]
    point_spread: Floats
    wraps: Cloud
    wrap_keys: list[str]
    axes: Floats
    radius: Floats
    radius_sigma: Floats
    rhythm: Floats
    knee: Floats
    knots: Floats
    ligaments: Cloud
    sheets: Cloud
    muscle_of: NDArray[np.int64]
    class_of: NDArray[np.int64]


@cache
def skeleton(tables: Tables) -> Skeleton:
    """The scaling rules of a table set."""
    return Skeleton(tables)


@cache
def topology(tables: Tables) -> Topology:
    """Both sides' paths as indices."""
    point_body, start, end, element, wrapped, wrap_body, sphere, winding = ([] for _ in range(8))
    names = []
    for side, turn in zip(SIDES, (1, -1), strict=True):
        for row in tables.elements.values():
            names.append(f"{row.id}_{side}")
            for i, point in enumerate(row.path):
                point_body.append(_index(point.body, side))
                if i + 1 < len(row.path):
                    start.append(len(point_body) - 1)
                    end.append(len(point_body))
                    element.append(len(names) - 1)
                    if point.wrap:
                        wrap = tables.wraps[point.wrap]
                        wrapped.append(len(start) - 1)
                        wrap_body.append(_index(wrap.body, side))
                        sphere.append(wrap.shape == "sphere")
                        winding.append(wrap.winding * turn)
    whole = partial(np.array, dtype=np.int64)
    return Topology(
        elements=tuple(names),
        point_body=whole(point_body),
        start=whole(start),
        end=whole(end),
        element=whole(element),
        wrapped=whole(wrapped),
        wrap_body=whole(wrap_body),
        is_sphere=np.array(sphere, dtype=bool),
        winding=np.array(winding, dtype=float),
    )


@cache
def arrays(tables: Tables) -> Arrays:
    """All arrays of a table set."""
    path = [point for element in tables.elements.values() for point in element.path]
    used = [tables.wraps[point.wrap] for point in path if point.wrap]
    knots = np.array([pose.angle for pose in tables.knee if pose.body == "tibia"])
    knee = []
    for body in ("tibia", "patella"):
        poses = np.array([[*pose.turn, *pose.at] for pose in tables.knee if pose.body == body])
        knee.append(np.moveaxis(cubics(knots, poses), [0, 1, 2], [1, 2, 0]))
    rhythm = np.array(
        [
            [tables.number(f"rhythm.{lv}.{m}").value for m in ("lordosis", "trunk_bend", "trunk_rotation")]
            for lv in LEVELS
        ]
    )
    ends = [end for ligament in tables.ligaments.values() for end in ligament.ends]
    muscles = list(tables.muscles.values())
    ids = [m.id for m in muscles]
    muscle_of = np.array([ids.index(e.muscle) for e in tables.elements.values()])
    return Arrays(
        points=_both(np.array([p.at for p in path]), [p.body for p in path]),
        point_keys=[p.cause or f"{p.row['element']}[{p.row['index']}]" for p in path],
        point_spread=_twice(np.array([p.spread for p in path])),
        wraps=_both(np.array([w.centre for w in used]), [w.body for w in used]),
        wrap_keys=[w.id for w in used],
        axes=np.concatenate([_frames([w.axis for w in used], 1), _frames([w.axis for w in used], -1)]),
        radius=_twice(np.array([w.radius.value for w in used])),
        radius_sigma=_twice(np.array([w.radius.sigma for w in used])),
        rhythm=rhythm / rhythm.sum(0),
        knee=np.array(knee),
        knots=knots,
        ligaments=_both(np.array([x for _, x in ends]), [b for b, _ in ends]),
        sheets=_both(
            np.array([edge.at for edge in tables.sheets.values()]),
            [edge.body for edge in tables.sheets.values()],
        ),
        muscle_of=muscle_of,
        class_of=np.array([("limb", "trunk").index(muscles[m].kind) for m in muscle_of]),
    )


@cache
def landmarks(tables: Tables) -> tuple[list[str], Cloud]:
    """Names of all landmarks with their side, and where they are."""
    sided = [mark for mark in tables.landmarks.values() if mark.sided]
    middle = [mark for mark in tables.landmarks.values() if not mark.sided]
    pairs = _both(np.array([mark.at for mark in sided]), [mark.body for mark in sided])
    names = [f"{mark.id}_{side}" for side in SIDES for mark in sided] + [mark.id for mark in middle]
    body = np.array([_index(mark.body, "right") for mark in middle])
    at = np.concatenate([pairs.at, np.array([mark.at for mark in middle])])
    return names, Cloud(at, np.concatenate([pairs.body, body]))


def cubics(knots: Floats, values: Floats) -> Floats:
    """Not-a-knot cubic spline (de Boor 1978): (4, k-1, m) coefficients of (t - knot), highest power first.

    The same as SciPy's CubicSpline, whose import takes longer than an answer's balance.
    """
    wide, n = np.diff(knots), len(knots)
    rise: Floats = np.diff(values, axis=0) / wide[:, None]
    matrix, right = np.zeros((n, n)), np.zeros_like(values)
    for i in range(1, n - 1):
        matrix[i, i - 1 : i + 2] = wide[i], 2 * (wide[i - 1] + wide[i]), wide[i - 1]
        right[i] = 3 * (wide[i] * rise[i - 1] + wide[i - 1] * rise[i])
    for end, beside, near, far in ((0, 1, 0, 1), (n - 1, n - 2, n - 2, n - 3)):
        a, b = wide[near], wide[far]
        matrix[end, end], matrix[end, beside] = b, a + b
        right[end] = ((3 * a + 2 * b) * b * rise[near] + a**2 * rise[far]) / (a + b)
    slope = np.linalg.solve(matrix, right).astype(float)
    bend = (slope[:-1] + slope[1:] - 2 * rise) / wide[:, None]
    return np.stack(
        [bend / wide[:, None], (rise - slope[:-1]) / wide[:, None] - bend, slope[:-1], values[:-1]]
    )


def _both(at: Floats, bodies: list[str]) -> Cloud:
    """A cloud of the right side, followed by its mirror image."""
    right = Cloud(at, np.array([_index(body, "right") for body in bodies]))
    left = right.mirrored()
    return Cloud(np.concatenate([right.at, left.at]), np.concatenate([right.body, left.body]))


def _twice(values: Floats) -> Floats:
    """The right side's values for both sides."""
    return np.concatenate([values, values])


def _index(body: str, side: str) -> int:
    return BODIES.index(f"{body}_{side}" if body in SIDED_BODIES else body)


def _frames(axes: list[Floats], sign: int) -> Floats:
    """Right-handed frames whose z is the axis; the mirror image of an axis for sign -1."""
    out = []
    for axis in axes:
        z = axis * np.array([1.0, 1.0, sign])
        z = z / np.linalg.norm(z)
        x = np.cross(np.eye(3)[int(np.argmin(np.abs(z)))], z)
        x /= np.linalg.norm(x)
        out.append(np.stack([x, np.cross(z, x), z], axis=1))
    return np.array(out)
