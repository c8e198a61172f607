"""The coordinates of the balance: small displacements of bodies from a posture.

Nine bodies move freely, six coordinates each: three of the body's centre (metres, along x, y, z of P) and a
rotation vector (radians). A knee angle on each side moves shank and patella on the thigh. Vertebrae between L5
and the rib cage follow those two as a chain of equal joints would that nothing pulls on. Skull, arms and
rib cage are one; a foot is one with its shank.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy.posture import BODIES as ANATOMICAL
from counterpull.anatomy.posture import SIDES

FREE = (
    "thorax",
    "l5",
    "sacrum",
    "innominate_right",
    "innominate_left",
    "femur_right",
    "femur_left",
    "abdomen",
    "fascia",
)
"""Bodies with six coordinates of their own; abdomen and fascia are sheets without mass."""
KNEES = tuple(f"knee_{side}" for side in SIDES)
SIZE = 6 * len(FREE) + len(KNEES)
NAMES = (
    *(f"{body}.{part}" for body in FREE for part in ("x", "y", "z", "about_x", "about_y", "about_z")),
    *KNEES,
)
"""Name of each coordinate."""
BODIES = (*ANATOMICAL, "fascia")
"""Every body that a force can act on: those of the anatomy, and the thoracolumbar fascia."""

FORCE_UNIT = np.array([1.0, 1.0, 1.0, 0.1, 0.1, 0.1] * len(FREE) + [0.1] * len(KNEES))
"""What counts as one newton: a moment of 0.1 Nm."""

Floats = NDArray[np.float64]
Numeric = Any
"""An array (or a number) that is NumPy outside of JAX and JAX inside."""


def block(body: str) -> slice:
    """Where a body's six coordinates are."""
    start = 6 * FREE.index(body)
    return slice(start, start + 6)


def carrier(body: str) -> str:
    """The free body that carries a body; a lumbar vertebra goes with L5 (and the rib cage).

    >>> carrier("tibia_left")
    'femur_left'
    """
    if body in ("l4", "l3", "l2", "l1"):
        return "l5"
    stem, _, side = body.partition("_")
    carried = {"tibia": f"femur_{side}", "patella": f"femur_{side}", "humerus": "thorax"}
    return carried.get(stem, body)


class Chain(NamedTuple):
    """Joints between L5 and the rib cage, from below: centres (G, 5, 3), compliances (G, 5, 6) along and about P."""

    centre: Floats
    compliance: Floats


def twists(centres: Floats, chain: Chain, knees: Floats) -> Floats:
    """From the coordinates to each body's motion (G, B, 6, SIZE): velocity at P's origin, then rotation.

    `centres` (G, 9, 3) of the FREE bodies; `knees` (G, 2, 2, 6) motion of tibia and patella per radian of a knee.
    """
    own = {}
    for i, body in enumerate(FREE):
        own[body] = np.zeros((len(centres), 6, SIZE))
        own[body][:, :, 6 * i : 6 * i + 6] = np.eye(6)
        own[body][:, :3, 6 * i + 3 : 6 * i + 6] = cross_matrix(centres[:, i])
    for s, side in enumerate(SIDES):
        for b, body in enumerate(("tibia", "patella")):
            own[f"{body}_{side}"] = own[f"femur_{side}"].copy()
            own[f"{body}_{side}"][:, :, 6 * len(FREE) + s] = knees[:, s, b]
        own[f"humerus_{side}"] = own["thorax"]
    between = chain_shares(chain)
    for level, body in enumerate(("l4", "l3", "l2", "l1")):
        own[body] = own["l5"] + between[:, level] @ (own["thorax"] - own["l5"])
    return np.stack([own[body] for body in BODIES], axis=1)


def chain_shares(chain: Chain) -> Floats:
    """How much of the motion of the rib cage on L5 each vertebra has made (G, 5, 6, 6), from L4 to the rib cage."""
    move = moved_to(chain.centre)
    each = np.swapaxes(move, -1, -2) @ (chain.compliance[..., None] * move)
    total = np.cumsum(each, axis=1)
    return total @ np.linalg.inv(total[:, -1:])


def moved_to(centre: Floats) -> Floats:
    """A wrench about P's origin as one about `centre` (..., 6, 6): force, then moment."""
    move = np.zeros((*centre.shape[:-1], 6, 6))
    move[..., :, :] = np.eye(6)
    move[..., 3:, :3] = -cross_matrix(centre)
    return move


def cross_matrix(v: Floats) -> Floats:
    """The matrix of v × (..., 3, 3)."""
    x, y, z = np.moveaxis(v, -1, 0)
    zero = np.zeros_like(x)
    rows = (np.stack(row, axis=-1) for row in ((zero, -z, y), (z, zero, -x), (-y, x, zero)))
    return np.stack(list(rows), axis=-2)


def mirror() -> Floats:
    """The coordinates as a mirror shows them: x_left = mirror @ x_right, (SIZE, SIZE)."""
    out = np.zeros((SIZE, SIZE))
    turned = np.diag([1.0, 1.0, -1.0, -1.0, -1.0, 1.0])
    for body in FREE:
        out[block(body), block(other_side(body))] = turned
    for s, knee in enumerate(KNEES):
        out[6 * len(FREE) + s, 6 * len(FREE) + KNEES.index(other_side(knee))] = 1.0
    return out


def other_side(name: str) -> str:
    """The same part on the other side; a part of the midline is its own."""
    from counterpull.anatomy.posture import mirror_name

    return mirror_name(name)
