"""The setting of a balance: posture, gravity, supports, loads, and what the nervous system holds.

Boundary conditions and nothing else: an activity of everyday life and a cadaver rig are both a Setting.
Places are named by landmarks with their side ("pubic_tubercle_right") or given as points of the reference
posture in P (metres).
"""

from dataclasses import dataclass, field

import numpy as np

from counterpull.anatomy.posture import Posture, mirror_name
from counterpull.mechanics.coordinates import FREE, KNEES, SIZE, Floats, block

G = 9.80665
"""m/s², standard gravity."""

_TURNS = {"bend": 3, "obliquity": 3, "rotation": 4, "tilt": 5}
_LEG = {"abduction": 3, "rotation": 4, "flexion": 5}
HELD = (
    *(f"trunk_{turn}" for turn in ("tilt", "bend", "rotation")),
    *(f"pelvis_{turn}" for turn in ("tilt", "obliquity", "rotation")),
    *(f"leg_{side}_{turn}" for side in ("right", "left") for turn in _LEG),
    *KNEES,
)
"""What can be held: turns of the trunk, of the mean of both hip bones, of a lifted thigh, and the knees."""

Place = str | tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Load:
    """A force (N) and a moment (Nm) on a body, at a place."""

    name: str
    body: str
    at: Place
    force: tuple[float, float, float] = (0.0, 0.0, 0.0)
    moment: tuple[float, float, float] = (0.0, 0.0, 0.0)
    axes: str = "pelvis"
    """"pelvis": along P. "world": forward, up (against gravity), right. "s1": the S1 endplate."""


@dataclass(frozen=True, kw_only=True)
class Support:
    """Places of a body that rest on something, which pushes back and never pulls."""

    body: str
    at: Place
    stiffness: float = 1e6
    """N/m"""
    push: tuple[float, float, float] = (0.0, 1.0, 0.0)
    """Direction of the push, in P."""
    raised: float = 0.0
    """m by which the support is raised."""
    sticks: float = 0.5
    """Stiffness along the surface over that across it."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Everything outside the body, and what is held."""

    name: str
    posture: Posture = field(default_factory=Posture)
    gravity: tuple[float, float, float] | None = (0.0, -1.0, 0.0)
    """Direction of weight in P before the lean; None for a specimen without weight."""
    weight: float = 1.0
    """Weight over standing weight: less than 1 where the body falls, as in mid-stance."""
    balance: str = "none"
    """"none"; "pitch": the body leans back or forward until its weight falls on `weight_falls`; "both": also to
    the side."""
    weight_falls: float = 0.4
    """Where the weight falls on the feet: 0 under the heels, 1 under the balls."""
    rests_on: tuple[str, ...] = ()
    """Patches of the body that rest on the world, with their side ("ischium_right")."""
    raised: tuple[tuple[str, float], ...] = ()
    """Patches whose support is raised, metres."""
    supports: tuple[Support, ...] = ()
    loads: tuple[Load, ...] = ()
    held: tuple[str, ...] = ()
    pressure: float = 0.0
    """Pa: pressure in the abdomen above that of its own weight."""
    present: tuple[str, ...] = FREE
    """Bodies that take part: a specimen has fewer."""
    fixed: tuple[str, ...] = ()
    """Bodies that do not move."""
    cut: tuple[str, ...] = ()
    """Groups of ligaments that are cut ("sacrotuberous")."""
    muscles: bool = True

    def mirrored(self) -> "Setting":
        """The setting as a mirror shows it."""

        def flip(v: tuple[float, float, float]) -> tuple[float, float, float]:
            return (v[0], v[1], -v[2])

        def turn(v: tuple[float, float, float]) -> tuple[float, float, float]:
            return (-v[0], -v[1], v[2])

        def place(at: Place) -> Place:
            return mirror_name(at) if isinstance(at, str) else flip(at)

        def names(items: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(mirrored_name(name) for name in items)

        return Setting(
            name=mirrored_name(self.name),
            posture=self.posture.mirrored(),
            gravity=None if self.gravity is None else flip(self.gravity),
            weight=self.weight,
            balance=self.balance,
            weight_falls=self.weight_falls,
            rests_on=names(self.rests_on),
            raised=tuple((mirror_name(name), rise) for name, rise in self.raised),
            supports=tuple(
                Support(
                    body=mirror_name(s.body),
                    at=place(s.at),
                    stiffness=s.stiffness,
                    push=flip(s.push),
                    raised=s.raised,
                    sticks=s.sticks,
                )
                for s in self.supports
            ),
            loads=tuple(
                Load(
                    name=load.name,
                    body=mirror_name(load.body),
                    at=place(load.at),
                    force=flip(load.force),
                    moment=turn(load.moment),
                    axes=load.axes,
                )
                for load in self.loads
            ),
            held=names(self.held),
            pressure=self.pressure,
            present=names(self.present),
            fixed=names(self.fixed),
            cut=self.cut,
            muscles=self.muscles,
        )


def mirrored_name(name: str) -> str:
    """The other side's name, also where the side stands in the middle.

    >>> mirrored_name("leg_right_flexion")
    'leg_left_flexion'
    """
    swap = {"right": "left", "left": "right"}
    return "_".join(swap.get(part, part) for part in name.split("_"))


def held_rows(names: tuple[str, ...]) -> Floats:
    """Rows P with P x = what is held, (m, N)."""
    rows = np.zeros((len(names), SIZE))
    for row, name in zip(rows, names, strict=True):
        if name in KNEES:
            row[6 * len(FREE) + KNEES.index(name)] = 1.0
        elif name.startswith("leg_"):
            _, side, turn = name.split("_")
            row[block(f"femur_{side}").start + _LEG[turn]] = 1.0
        elif name.startswith("trunk_"):
            row[block("thorax").start + _TURNS[name.removeprefix("trunk_")]] = 1.0
        else:
            for side in ("right", "left"):
                row[block(f"innominate_{side}").start + _TURNS[name.removeprefix("pelvis_")]] = 0.5
    return rows
