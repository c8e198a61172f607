"""Muscle paths for engines: points on bodies, and the cylinders and spheres between them.

A wrap that an engine cannot follow to the micrometre is left out, and the path there has three fixed points on the
wrap's bone instead: where the string meets the surface, where it leaves it, and one between, lifted until the length
agrees. Pull and length are then exact in the stated posture; elsewhere the string keeps to these points.
"""

from dataclasses import dataclass

import numpy as np

from counterpull.anatomy import paths
from counterpull.anatomy.kinematics import pose
from counterpull.anatomy.posture import BODIES
from counterpull.interfaces.interop.mechanism import Floats, Mechanism
from counterpull.mechanics.posed import FASCIAL


@dataclass(frozen=True, eq=False)
class Node:
    """A point of a path, (3,) in its body's frame."""

    body: str
    at: Floats


@dataclass(frozen=True, eq=False)
class Wrap:
    """What a string runs over between two nodes; all in its body's frame."""

    body: str
    sphere: bool
    centre: Floats
    axis: Floats
    radius: float
    beside: Floats
    """(3,) a place on the surface, on the side on which the string passes."""


@dataclass(frozen=True, eq=False)
class Course:
    """One element's path: nodes in order; wraps by the index of the node before them."""

    name: str
    nodes: tuple[Node, ...]
    wraps: dict[int, Wrap]
    fixed: bool
    """Whether a wrap was replaced by fixed points."""


@dataclass(frozen=True, eq=False)
class _Touch:
    first: Floats
    second: Floats
    touches: bool
    length: float


def courses(top: paths.Topology, geometry: paths.Geometry, tree: Mechanism, keep: set[str]) -> list[Course]:
    """The path of every element. Wraps stay for elements in `keep`, where they are needed at all."""
    touching = _touching(top, geometry, tree)
    segments: dict[int, list[int]] = {}
    for segment, element in enumerate(top.element):
        segments.setdefault(int(element), []).append(segment)
    wrap_of = {int(segment): w for w, segment in enumerate(top.wrapped)}
    return [
        _course(name, [(s, wrap_of.get(s)) for s in segments[e]], top, geometry, tree, touching, name in keep)
        for e, name in enumerate(top.elements)
    ]


def wrapped(top: paths.Topology) -> set[str]:
    """Names of the elements that run over a wrap."""
    return {top.elements[e] for e in top.element[top.wrapped]}


def _touching(top: paths.Topology, geometry: paths.Geometry, tree: Mechanism) -> list[_Touch]:
    """Where each wrapped string touches, posed, and how long it is."""
    poses = pose(geometry.skeleton, tree.posture.array())
    contact = paths.contacts(top, geometry, poses)
    long = paths.segment_lengths(top, geometry, poses)[top.wrapped]
    every = zip(contact.first, contact.second, contact.touches, long, strict=True)
    return [_Touch(*each) for each in every]


def _course(name, segments, top, geometry, tree, touching, keep) -> Course:
    fascial = name.rsplit("_", 1)[0] in FASCIAL

    def node(point: int) -> Node:
        body = BODIES[top.point_body[point]]
        carrier = "fascia" if fascial and body == "sacrum" else body
        return Node(carrier, tree.local(carrier, np.asarray(geometry.points)[point]))

    nodes, wraps, fixed = [node(int(top.start[segments[0][0]]))], {}, False
    for segment, w in segments:
        end = node(int(top.end[segment]))
        if w is not None:
            bone, touch = BODIES[top.wrap_body[w]], touching[w]
            if keep:
                wraps[len(nodes) - 1] = _wrap(w, bone, nodes[-1], end, top, geometry, tree)
            elif touch.touches:
                fixed = True
                nodes += _three_points(w, bone, nodes[-1], end, geometry, tree, touch)
            else:
                fixed = True
        nodes.append(end)
    return Course(name, tuple(nodes), wraps, fixed)


def _wrap(w: int, bone: str, before: Node, after: Node, top, geometry, tree: Mechanism) -> Wrap:
    centre = tree.local(bone, np.asarray(geometry.wrap_centre)[w])
    frame = np.asarray(geometry.wrap_axes)[w]
    radius, sphere = float(np.asarray(geometry.wrap_radius)[w]), bool(top.is_sphere[w])
    p, s = (_on(tree, bone, node) for node in (before, after))
    if sphere:
        middle = 0.5 * (p + s) - centre
        beside = centre + radius * middle / np.linalg.norm(middle)
    else:
        a, b = ((point - centre) @ frame for point in (p, s))
        turn = top.winding[w] * (np.arctan2(b[1], b[0]) - np.arctan2(a[1], a[0]))
        turn = (turn + np.pi / 3) % (2 * np.pi) - np.pi / 3
        at = np.arctan2(a[1], a[0]) + top.winding[w] * turn / 2
        out = np.array([radius * np.cos(at), radius * np.sin(at), 0.5 * (a[2] + b[2])])
        beside = centre + frame @ out
    return Wrap(bone, sphere, centre, frame[:, 2], radius, beside)


def _on(tree: Mechanism, bone: str, node: Node) -> Floats:
    """A node of another body in a bone's frame, in the stated posture."""
    reference = node.at + tree.link[node.body].origin
    posed = tree.rotation[node.body] @ reference + tree.translation[node.body]
    return tree.posed_local(bone, posed)


def _three_points(w: int, bone: str, before: Node, after: Node, geometry, tree, touch: _Touch) -> list[Node]:
    """Contact points, and one between them that is lifted until the string is as long as it winds."""
    p, s = (_on(tree, bone, node) for node in (before, after))
    first, second = (tree.posed_local(bone, at) for at in (touch.first, touch.second))
    arc = touch.length - np.linalg.norm(first - p) - np.linalg.norm(s - second)
    chord = second - first
    missing = arc**2 - chord @ chord
    if missing <= 0:
        return [Node(bone, first), Node(bone, second)]
    middle = 0.5 * (first + second)
    centre = tree.local(bone, np.asarray(geometry.wrap_centre)[w])
    out = middle - centre
    out -= chord * (out @ chord) / max(chord @ chord, 1e-18)
    lifted = middle + out / np.linalg.norm(out) * 0.5 * np.sqrt(missing)
    return [Node(bone, first), Node(bone, lifted), Node(bone, second)]
