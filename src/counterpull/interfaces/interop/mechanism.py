"""A body in a posture as a tree of bodies and coordinates, the way simulation engines think of it.

Every body's frame lies along P in the reference posture, with its origin at the joint to its parent, so that all
joints are at 0 there. A joint has six coordinates: shifts along the parent's axes, then turns about z, x and y as in
the anatomy. Angles have the names and signs of a posture where they are one. A knee has one angle; shank and
kneecap follow it along tables.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy.kinematics import Skeleton, pose
from counterpull.anatomy.posture import BODIES, COORDINATES, LEVELS, SIDES, Posture

Floats = NDArray[np.float64]
SPINE = ("l5", "l4", "l3", "l2", "l1", "thorax")
WORLD = "ground"
PARTS = ("x", "y", "z", "about_z", "about_x", "about_y")
AXES = np.eye(3)[[0, 1, 2, 2, 0, 1]]
_HIP = ("flexion", "abduction", "rotation")
KNEE_FOLLOWERS = ("tibia", "patella")
KNEE_RANGE = np.deg2rad(np.linspace(0.0, 120.0, 97))
"""Angles at which the knee's tables are written, rad."""


@dataclass(frozen=True)
class Coordinate:
    """One number that moves a body on its parent: metres along, or radians about, an axis of the parent."""

    name: str
    turns: bool
    axis: Floats
    value: float
    """In the stated posture."""


@dataclass(frozen=True)
class Link:
    """A body, what it hangs on, and how it moves there."""

    body: str
    parent: str
    origin: Floats
    """(3,) of its frame, in P in the reference posture."""
    coordinates: tuple[Coordinate, ...]
    """Six, or none for a body that is one with its parent."""
    follows: str = ""
    """Name of the knee angle that all six follow."""


@dataclass(frozen=True, eq=False)
class Mechanism:
    """The tree, and where the posture puts it."""

    links: tuple[Link, ...]
    """Parents first."""
    rotation: dict[str, Floats]
    """(3, 3) of each body in the posture; a point X of the reference posture goes to R X + t."""
    translation: dict[str, Floats]
    skeleton: Skeleton
    posture: Posture

    @cached_property
    def link(self) -> dict[str, Link]:
        """By body."""
        return {link.body: link for link in self.links}

    @property
    def coordinates(self) -> list[Coordinate]:
        """All, in the order of the tree."""
        return [coordinate for link in self.links for coordinate in link.coordinates]

    def local(self, body: str, reference: Floats) -> Floats:
        """A point of the reference posture in its body's frame."""
        return reference - (self.link[body].origin if body != WORLD else 0.0)

    def posed_local(self, body: str, at: Floats) -> Floats:
        """A point of P in the stated posture, in a body's frame."""
        if body == WORLD:
            return at
        return self.local(body, self.rotation[body].T @ (at - self.translation[body]))

    def axes_local(self, body: str, axes: Floats) -> Floats:
        """Directions (3, ...) in the stated posture, along a body's axes."""
        return axes if body == WORLD else self.rotation[body].T @ axes

    @cached_property
    def twists(self) -> dict[str, Floats]:
        """Motion of each body per coordinate in the stated posture, (6, Q): velocity at P's origin, then rotation."""
        index = {c.name: i for i, c in enumerate(self.coordinates)}
        out = {WORLD: np.zeros((6, len(index)))}
        for link in self.links:
            twist = out[link.parent].copy()
            turned = np.eye(3) if link.parent == WORLD else self.rotation[link.parent]
            pivot = self.rotation[link.body] @ link.origin + self.translation[link.body]
            for coordinate in link.coordinates:
                way = turned @ coordinate.axis
                if coordinate.turns:
                    twist[:, index[coordinate.name]] += np.concatenate([np.cross(pivot, way), way])
                    turned = turned @ about(coordinate.axis, coordinate.value)
                else:
                    twist[:3, index[coordinate.name]] += way
            out[link.body] = twist
        return out

    def relative(self, body: str, to: str, at: Floats, axes: Floats) -> Floats:
        """Motion of `body` on `to` at a posed point along posed axes per coordinate, (6, Q): shifts, then turns."""
        twist = self.twists[body] - self.twists[to]
        return np.concatenate([axes.T @ (twist[:3] + np.cross(twist[3:], at, axis=0)), axes.T @ twist[3:]])

    def knee_table(self, follower: str, side: str, angles: Floats) -> Floats:
        """The six coordinates of tibia or patella on the femur at knee angles (K,), (K, 6)."""
        link = self.link[f"{follower}_{side}"]
        knee, b = COORDINATES.index(f"knee_flexion_{side}"), BODIES.index(link.body)
        places = np.zeros((len(angles), len(COORDINATES)))
        places[:, knee] = angles
        rotation, translation = (part[:, b] for part in pose(self.skeleton, places))
        shift = rotation @ link.origin + translation - link.origin
        return np.concatenate([shift, turns(rotation)], axis=1)


def mechanism(skeleton: Skeleton, posture: Posture, centres: dict[str, Floats]) -> Mechanism:
    """The tree of a body in a posture; `centres` (3,) places sacrum, hip bones, abdomen and fascia on the skeleton."""
    rotation, translation = pose(skeleton, posture.array())
    turned = {body: rotation[i] for i, body in enumerate(BODIES)} | {"fascia": np.eye(3)}
    moved = {body: translation[i] for i, body in enumerate(BODIES)} | {"fascia": np.zeros(3)}
    bare = Mechanism(tuple(_links(skeleton, posture, centres)), turned, moved, skeleton, posture)
    return Mechanism(tuple(_with_knees(bare)), turned, moved, skeleton, posture)


def about(axis: Floats, angle: float) -> Floats:
    """Rotation matrix of a turn about a unit axis."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(np.asarray(axis) * angle).as_matrix()


def turns(rotation: Floats) -> Floats:
    """Angles about z, then x, then y of rotation matrices (..., 3, 3)."""
    from scipy.spatial.transform import Rotation

    flat = Rotation.from_matrix(rotation.reshape(-1, 3, 3)).as_euler("ZXY")
    return flat.reshape(*rotation.shape[:-2], 3)


def _six(body: str, values: Floats | None = None) -> tuple[Coordinate, ...]:
    values = np.zeros(6) if values is None else values
    return tuple(
        Coordinate(f"{body}_{part}", i > 2, AXES[i], float(values[i])) for i, part in enumerate(PARTS)
    )


def _links(skeleton: Skeleton, posture: Posture, centres: dict[str, Floats]) -> Iterator[Link]:
    yield Link("sacrum", WORLD, centres["sacrum"], _six("sacrum"))
    below, whole = "sacrum", np.array([posture.lordosis, posture.trunk_bend, posture.trunk_rotation])
    for level, body in enumerate(SPINE):
        share = np.asarray(skeleton.rhythm)[level] * whole
        origin = np.asarray(skeleton.lumbar)[level]
        yield Link(body, below, origin, _six(body, np.concatenate([np.zeros(3), share])))
        below = body
    yield Link("abdomen", "l3", centres["abdomen"], _six("abdomen"))
    yield Link("fascia", "sacrum", centres["fascia"], _six("fascia"))
    for s, side in enumerate(SIDES):
        hip, hand = np.asarray(skeleton.hip)[s], 1.0 if side == "right" else -1.0
        bone = f"innominate_{side}"
        yield Link(bone, "sacrum", centres[bone], _six(bone))
        shifts = _six(f"femur_{side}")[:3]
        angles = tuple(
            Coordinate(f"hip_{move}_{side}", True, sign * axis, getattr(posture, f"hip_{move}_{side}"))
            for move, axis, sign in zip(_HIP, AXES[3:], (1.0, -hand, hand), strict=True)
        )
        yield Link(f"femur_{side}", bone, hip, shifts + angles)
        yield Link(f"humerus_{side}", "thorax", np.asarray(skeleton.lumbar)[len(LEVELS) - 1], ())
        straight = np.asarray(skeleton.knee)[:, 3:, 3, 0] * (1.0, 1.0, hand)
        for i, follower in enumerate(KNEE_FOLLOWERS):
            body = f"{follower}_{side}"
            yield Link(body, f"femur_{side}", hip + straight[i], _six(body), f"knee_flexion_{side}")


def _with_knees(bare: Mechanism) -> Iterator[Link]:
    """The same links, shank and kneecap where the knee angle puts them."""
    for link in bare.links:
        if not link.follows:
            yield link
            continue
        follower, side = link.body.split("_")
        here = bare.knee_table(follower, side, np.array([getattr(bare.posture, link.follows)]))[0]
        yield Link(link.body, link.parent, link.origin, _six(link.body, here), link.follows)
