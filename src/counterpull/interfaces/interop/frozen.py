"""The structure frozen at a solution: springs, cords and constant forces that give the same forces there.

A tissue that is not linear becomes a spring whose stiffness is its force over its displacement at the solution, so
that force closure, toes and asymmetry are inside the numbers. What is left at zero displacement is a constant force:

    posture    joints that the posture has strained
    external   loads of the activity
    pressure   in the abdomen
    preload    what joints hold against ligaments at rest
    closure    with which sheared surfaces of a sacroiliac joint press themselves together
    supports   that are raised
"""

from dataclasses import dataclass, replace

import numpy as np

from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.interop.mechanism import WORLD, Floats
from counterpull.mechanics import laws, ring
from counterpull.mechanics.coordinates import FREE
from counterpull.mechanics.equilibrium import Equilibrium
from counterpull.mechanics.model import LOADS, Situation, of_draws, taken
from counterpull.mechanics.outside import masses
from counterpull.mechanics.posed import chain_compliance
from counterpull.mechanics.setting import G
from counterpull.quantities import InputError

CAUSES = ("external", "pressure", "posture", "preload", "closure", "supports")
STILL = 1e-12
"""Metres or radians that count as none."""
_SPINE_LEVELS = ("l4", "l3", "l2", "l1", "thorax")
_MOVES = ("shear", "compression", "shear", "lateral", "axial", "sagittal")


@dataclass(frozen=True, eq=False)
class Spring:
    """Six springs without a coupling, between two bodies, at rest in the stated posture."""

    name: str
    body: str
    to: str
    at: Floats
    """(3,) posed."""
    axes: Floats
    """(3, 3) columns, right-handed."""
    stiffness: Floats
    """(6,) along the axes, N/m, and about them, Nm/rad."""


@dataclass(frozen=True, eq=False)
class Cord:
    """A ligament: pulls with `stiffness` beyond its slack length."""

    name: str
    bodies: tuple[str, str]
    ends: Floats
    """(2, 3) posed."""
    stiffness: float
    slack: float


@dataclass(frozen=True, eq=False)
class Lump:
    """Mass of a body and where its centre is, (3,) posed."""

    mass: float
    at: Floats


@dataclass(frozen=True, eq=False)
class Frozen:
    """Everything that acts on the bodies beside the muscles."""

    springs: tuple[Spring, ...]
    cords: tuple[Cord, ...]
    knees: Floats
    """(2, 2) of each knee angle: stiffness Nm/rad, moment Nm in the posture."""
    constants: dict[str, Floats]
    """By cause, (9, 6): force and moment about its centre on each FREE body, along P."""
    centres: Floats
    """(9, 3) posed."""
    lumps: dict[str, Lump]
    gravity: Floats
    """(3,) m/s² in P."""


def frozen(here: Situation, found: Equilibrium, draw: int = 0) -> Frozen:
    """Freeze one draw of an equilibrium."""
    if here.setting.fixed or set(here.setting.present) != set(FREE):
        raise InputError(
            f'export: in "{here.setting.name}" bodies are fixed or absent; export an activity of a whole person.'
        )
    one = taken(found.model, np.array([draw]))
    structure = of_draws(one.structure, 0)
    x, loads = found.x[draw], one.loads[0]
    constant = {cause: loads[LOADS.index(cause)] for cause in ("external", "pressure", "posture")}
    springs = [_spring(one, draw) for one in ring.springs(here.place, here.draws, here.setting, here.around)]
    springs += _lumbar(here, draw)
    sacroiliac, constant["closure"] = _sacroiliac(here, structure.sacroiliac, x, draw)
    cords, pressed, constant["preload"], constant["supports"] = _strings(here, structure.strings, x, draw)
    springs = [replace(s, stiffness=s.stiffness + pressed.get(s.name, 0.0)) for s in springs] + sacroiliac
    variant = here.draws.variant[draw]
    stops = [ring.knee_stop(here.draws, here.setting, s)[1][draw] for s in range(2)]
    knees = np.stack([stops, np.sum(list(constant.values()), axis=0)[6 * len(FREE) :]], axis=1)
    return Frozen(
        springs=tuple(springs),
        cords=tuple(cords),
        knees=knees,
        constants={cause: constant[cause][: 6 * len(FREE)].reshape(-1, 6) for cause in CAUSES},
        centres=here.place.centres[variant],
        lumps=_lumps(here, draw),
        gravity=-here.around.up[draw] * G * here.setting.weight * (here.setting.gravity is not None),
    )


def _spring(one: ring.Spring, draw: int) -> Spring:
    to = WORLD if one.to is None else one.to
    return Spring(one.name, one.body, to, one.at[draw], _right_handed(one.axes[draw]), one.stiffness[draw])


def _right_handed(axes: Floats) -> Floats:
    """The same springs along axes of which the last points the other way, if need be."""
    return axes * np.array([1.0, 1.0, np.sign(np.linalg.det(axes))])


def _lumbar(here: Situation, draw: int) -> list[Spring]:
    """The levels between L5 and the rib cage, a joint each."""
    compliance = chain_compliance(here.place.tables)
    nominal = np.array([here.place.tables.number(f"joint.lumbar.{move}_stiffness").value for move in _MOVES])
    drawn = np.array([here.draws.joints[f"lumbar.{move}_stiffness"][draw] for move in _MOVES])
    if not np.allclose(drawn, nominal):
        raise InputError(
            "export: the lumbar spine of a drawn body is no chain of joints; export the mean body."
        )
    variant, out = here.draws.variant[draw], []
    for i, (body, level) in enumerate(zip(_SPINE_LEVELS, ring.LUMBAR_LEVELS, strict=True)):
        at = here.place.marks[f"{level}_joint_centre"][variant]
        below = ("l5", *_SPINE_LEVELS)[i]
        out.append(Spring(f"lumbar_{level}", body, below, at, np.eye(3), 1 / compliance[i]))
    return out


def _sacroiliac(here: Situation, joint: laws.Sacroiliac, x: Floats, draw: int) -> tuple[list[Spring], Floats]:
    """Both joints with the closure that they have at x, and the constant force along their normals (N,)."""
    axes, variant = ring.joint_axes(here.place, here.draws)[draw], here.draws.variant[draw]
    out, constant = [], np.zeros_like(x)
    n, shifts = laws.NORMAL, joint.frame @ x
    stiff, compression = _closed(shifts, joint)
    for s, side in enumerate(SIDES):
        stiffness = stiff[s]
        constant += joint.frame[s, n] * (compression[s] + stiffness[n] * shifts[s, n])
        at = here.place.marks[f"sij_centre_{side}"][variant]
        bone = f"innominate_{side}"
        out.append(Spring(f"sacroiliac_{side}", bone, "sacrum", at, _right_handed(axes[s]), stiffness))
    return out, constant


def _closed(d: Floats, joint: laws.Sacroiliac) -> tuple[Floats, Floats]:
    """Force over displacement of both joints along and about their axes (2, 6), and their compression (2,)."""
    energy, slope, curvature = laws.across(d, joint)
    grip, hold, _ = laws.gripped(energy, joint)
    pressed, kappa, *_ = laws.compression(d[:, laws.NORMAL], grip, joint)
    stiffness = (1.0 + (kappa - 1.0) * hold)[:, None] * _secant(slope, d, curvature)
    alone = laws.own_approach(pressed, joint)
    stiffness[:, laws.NORMAL] = _secant(pressed, alone, joint.negative[:, laws.NORMAL])
    return stiffness, pressed


def _secant(force: Floats, moved: Floats, tangent: Floats) -> Floats:
    """Force over displacement; the tangent where there is none."""
    still = np.abs(moved) < STILL
    return np.where(still, tangent, force / np.where(still, 1.0, moved))


def _strings(
    here: Situation, strings: laws.Strings, x: Floats, draw: int
) -> tuple[list[Cord], dict[str, Floats], Floats, Floats]:
    """Ligaments; stiffness (6,) along the first axis of edges and supports that are taut, by name; and what
    ligaments do at rest and raised supports do at x = 0, (N,) each."""
    stretch = strings.start + strings.axis @ x
    force, slope = laws.tension(strings, stretch)
    secant = _secant(force, stretch, slope)
    lines = ring.ligaments(here.place, here.draws, here.setting)
    cords = [
        Cord(
            f"{line.name}_{line.side}",
            line.bodies,
            line.ends[draw],
            float(secant[i] if stretch[i] > 0 else line.stiffness[draw]),
            float(line.slack[draw]),
        )
        for i, line in enumerate(lines)
    ]
    names = [one.name for one in ring.springs(here.place, here.draws, here.setting, here.around)]
    sewn = [name for name in names if name.startswith(("abdomen_", "fascia_"))]
    resting = [contact.name for contact in here.around.contacts]
    rest = slice(len(lines), None)
    along = {name: np.array([k, 0, 0, 0, 0, 0]) for name, k in zip(sewn + resting, secant[rest], strict=True)}
    preload = strings.axis.T @ strings.balanced
    raised = -strings.axis[rest].T @ (secant[rest] * strings.start[rest])
    return cords, along, preload, raised


def _lumps(here: Situation, draw: int) -> dict[str, Lump]:
    """The mass of each body that has some."""
    listed, out = masses(here.place, here.draws), {}
    for i, body in enumerate(listed.bodies):
        mass, at = float(listed.mass[draw, i]), listed.at[draw, i]
        if body in out:
            both = out[body].mass + mass
            at = (out[body].mass * out[body].at + mass * at) / both
            mass = both
        out[body] = Lump(mass, at)
    return out
