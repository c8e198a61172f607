"""Surfaces of muscles: rings along a course, closed, and bundles of elements that join on the way."""

from dataclasses import dataclass

import numpy as np

from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.flesh import Flesh, at_distance, length
from counterpull.interfaces.figures.ground import Ground
from counterpull.interfaces.figures.solids import Solid, smoothed, swept, unit
from counterpull.interfaces.figures.stations import STATIONS

ACROSS = 9
"""Places across a sheet's face."""


@dataclass(frozen=True, slots=True)
class Part:
    """One surface of a belly."""

    solid: Solid
    tendon: Floats
    fibre: Floats
    strokes: Floats
    spine: Floats


def bundle(lines: list[Floats], flesh: list[Flesh], ground: Ground) -> Part:
    """Elements that end at one place and join on the way: one round belly that grows with each.

    Cross-sections stand at distances from the common end; an element counts where it has begun.
    """
    lengths = np.array([length(line) for line in lines])
    reach = np.linspace(lengths.max(), 0, STATIONS)
    points = np.array([at_distance(line, reach) for line in lines])
    there = np.clip((lengths[:, None] - reach) / 0.02, 0, 1)
    there[lengths.argmax()] = np.maximum(there[lengths.argmax()], 0.02)
    share = 1 - reach / lengths[:, None]
    area = sum(w * one.area(s, 0.6) for w, one, s in zip(there, flesh, share, strict=True))
    tendon = np.average([one.tendon(s) for one, s in zip(flesh, share, strict=True)], axis=0, weights=there)
    weight = there / there.sum(0)
    middle = np.einsum("en,enk->nk", weight, points)
    middle = smoothed(middle, 1.5, axis=0)
    radius = np.sqrt(area / np.pi)
    middle = ground.lifted(middle[None], radius * 0.9 * np.minimum(1, 5 * (1 - reach / lengths.max())))[0]
    tangent = unit(np.gradient(middle, axis=0))
    d = np.cross(tangent, ground.outward(middle))
    d = unit(smoothed(d, 5.0, axis=0))
    e = np.cross(tangent, d)
    # As wide as the slips lie apart, but no flatter than 1 to 2.
    apart = points - middle
    along_d = np.sqrt(np.einsum("en,en->n", weight, np.einsum("enk,nk->en", apart, d) ** 2))
    along_e = np.sqrt(np.einsum("en,en->n", weight, np.einsum("enk,nk->en", apart, e) ** 2))
    aspect = smoothed(np.clip((along_d + 4e-3) / (along_e + 4e-3), 0.6, 2.0), 3.0)
    a, b = radius * np.sqrt(aspect), radius / np.sqrt(aspect)
    angle = np.linspace(0, 2 * np.pi, 2 * (ACROSS - 1), endpoint=False)
    ring = (
        middle[:, None]
        - np.cos(angle)[:, None] * (a[:, None] * d)[:, None]
        + np.sin(angle)[:, None] * (b[:, None] * e)[:, None]
    )
    fibres = int(2 * np.pi * radius.max() / 1.1e-3)
    return skinned(ring, tendon, angle / (2 * np.pi) * fibres, middle[None])


def skinned(ring: Floats, tendon: Floats, fibre: Floats, spine: Floats) -> Part:
    """A closed surface over rings (STATIONS, r, 3); it stays on its side of the midline."""
    n, r, _ = ring.shape
    side = np.sign(ring[..., 2].mean())
    ring[..., 2] = side * np.maximum(side * ring[..., 2], 0.0)
    return Part(
        swept(ring),
        np.repeat(tendon, r),
        np.tile(fibre, n),
        ring.transpose(1, 0, 2),
        spine,
    )
