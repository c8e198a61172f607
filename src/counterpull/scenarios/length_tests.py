"""Length tests done on the body itself: Thomas test and straight-leg raise, as angles and read backwards.

Thomas (modified, supine, the other knee to the chest): the thigh of the tested side sinks until the passive
flexion moment of its hip carries the limb. Its angle is that of the thigh above the horizontal (+). The examiner
holds the back flat, so the pelvis is turned back from standing; a hip at 0 then lifts the thigh by that tilt.
The knee hangs at the angle of the posture "thomas_test_right".

Straight-leg raise (supine, knee straight, pelvis still): the leg is lifted until the passive extension moment of its
hip, beyond the leg's weight, is what the examiner stops at. Its angle is that of the leg above the couch.

Only passive tissue resists: muscles that cross the hip, and the hip's capsule. A posture is swept from where the limb
is lifted (Thomas) or lies (leg raise) toward the end of its range; the first balance on the way is where the limb
stops. More shortening brings that balance nearer, so that a worse angle never means a smaller shortening.
The calibration is absolute: the shortening is what this very body, with its own capsule, weight and tilt, needs to
stop at the angle. A body that stops there untouched gets none. See docs/decisions/0010-findings.md.
"""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from counterpull.anatomy import kinematics, paths
from counterpull.anatomy.body import Body
from counterpull.anatomy.ensemble import SEGMENTS, Draws
from counterpull.anatomy.posture import BODIES, COORDINATES, SIDES, Posture
from counterpull.mechanics import muscle
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.model import MuscleState, curves_of
from counterpull.mechanics.ring import hip_capsule
from counterpull.mechanics.setting import G, Setting
from counterpull.quantities import InputError, or_list
from counterpull.scenarios.rows import known, standard

LENGTH_TESTS = ("thomas", "straight_leg_raise")
_STEP = np.deg2rad(3.0)
_RANGE = {"thomas": (-69, 48), "straight_leg_raise": (9, 126)}
"""Hip flexion in degrees that is swept; as many postures in both, so that one compiled function serves them."""
_LONGER = -0.5
"""Shortening below which a muscle is taken as slack, while the balance is looked for."""
_TINY = 1e-6
"""Nm"""
_PIECES = 8
"""Parts in which a sweep is computed, so that its arrays stay small."""


@dataclass(frozen=True, eq=False)
class LengthTest:
    """A test set up on every draw. A swept postures from easy to hard for the muscle, C elements."""

    name: str
    draws: Draws
    elements: np.ndarray
    """(C,) indices of the side's elements that cross the hip."""
    along: Floats
    """(n, A, C) metres of path beyond the tendon's slack length."""
    arm: Floats
    """(n, A, C) m, positive where a pull stops the limb."""
    hip: Floats
    """(A,) rad of hip flexion."""
    capsule: Floats
    """(n, A) Nm of the capsule that stop the limb."""
    rest: Floats
    """(n, A) Nm that stop the limb without muscles; negative: what moves it on."""
    tilt: Floats
    """(n,) rad by which the angle that is read exceeds the hip's."""
    curves: muscle.Curves

    def angle(self, state: MuscleState | None = None) -> Floats:
        """Where the limb stops, (n,) rad, with muscles in some state; at the end of the sweep if nothing stops it."""
        tension = muscle.passive_tension(self._tissue(state or MuscleState()), 0.0 * self.along)[0]
        balance = self.rest + (tension * self.arm).sum(axis=2)
        stops = balance >= 0
        first = np.where(stops.any(axis=1), stops.argmax(axis=1), balance.shape[1] - 1)
        at = np.arange(len(first))
        before, now = balance[at, np.maximum(first - 1, 0)], balance[at, first]
        share = np.where((first > 0) & (now >= 0), now / np.where(now > before, now - before, 1.0), 0.0)
        return self._read(first - share)

    def shortening(self, angle: Floats, named: np.ndarray, state: MuscleState | None = None) -> Floats:
        """How much shorter `named` elements (indices) are in a body that stops at `angle` (n,), rad.

        A share of their optimal fibre length, (n,): at least 0, which is a muscle that is not tight, and at most
        the table's longest. Raises InputError when none of them resists in this test.
        """
        state = state or MuscleState()
        mine = np.isin(self.elements, named)
        if not np.any(mine & (np.median(self.arm, axis=(0, 1)) > 1e-3)):
            raise InputError(
                f"{self.name}: none of the named muscles resists in this test; give a size instead, or name others."
            )
        tissue = self._tissue(state)
        tension = muscle.passive_tension(tissue, 0.0 * self.along)[0]
        moment = -(self.rest + (tension * self.arm * ~mine).sum(axis=2))
        arm, own = self.arm[..., mine], _part(tissue, mine)
        nodes = _needed(moment, arm, own)
        nodes = np.minimum.accumulate(nodes, axis=1)  # the first balance on the way is where it stops
        place = np.clip(self._place(angle), 0, nodes.shape[1] - 1 - 1e-9)
        k, at = place.astype(int), np.arange(len(place))

        def between(values: Floats) -> Floats:
            u = (place - k).reshape(-1, *[1] * (values.ndim - 2))
            return ((1 - u) * values[at, k] + u * values[at, k + 1])[:, None]

        here = _needed(between(moment), between(arm), own._replace(along=between(own.along)))[:, 0]
        return np.clip(here, nodes[at, k + 1], nodes[at, k]).clip(0.0, known("tight.longest").value)

    def _tissue(self, state: MuscleState) -> muscle.Tissue:
        e, draws = self.elements, self.draws

        def of(values: Floats | float) -> Floats:
            return (np.asarray(values) * np.ones_like(draws.pcsa))[:, None, e]

        return muscle.Tissue(
            along=self.along + of(state.shortening),
            optimal=of(draws.fibre_length),
            thickness=of(draws.fibre_length * np.sin(draws.pennation)),
            strength=of(state.passive * draws.max_force),
            constant=of(state.added),
            curves=muscle.Curves(*(of(part) for part in self.curves)),
        )

    @cached_property
    def _sign(self) -> int:
        return -1 if self.name == "thomas" else 1

    def _read(self, place: Floats) -> Floats:
        """The angle at a place (n,) of the sweep, counted in postures."""
        return self._sign * _STEP * place + np.deg2rad(_swept(self.name)[0]) + self.tilt

    def _place(self, angle: Floats) -> Floats:
        return self._sign * (angle - self.tilt - np.deg2rad(_swept(self.name)[0])) / _STEP


def _needed(moment: Floats, arm: Floats, tissue: muscle.Tissue) -> Floats:
    """Shortening (n, A) at which tissue (n, A, C) gives a moment (n, A): at most the longest, at least slack."""
    longest = known("tight.longest").value
    low, high = (np.full(moment.shape, end) for end in (_LONGER, longest))
    below, above = np.full(moment.shape, _TINY), np.full(moment.shape, np.inf)
    for _ in range(8):
        share = 0.5 * (low + high)
        tension = muscle.passive_tension(tissue, share[..., None] * tissue.optimal)[0]
        given = np.maximum((tension * arm).sum(axis=2), _TINY)
        enough = given >= moment
        low, below = np.where(enough, low, share), np.where(enough, below, given)
        high, above = np.where(enough, share, high), np.where(enough, given, above)
    # What is left is short, and the force nearly exponential in it.
    bounded = np.isfinite(above) & (above > below)
    rise = np.log(np.where(bounded, above, 2.0) / np.where(bounded, below, 1.0))
    part = np.log(np.maximum(moment, _TINY) / below) / rise
    share = np.where(bounded, low + np.clip(part, 0.0, 1.0) * (high - low), longest)
    return np.where(moment > _TINY, share, _LONGER)


def _part(tissue: muscle.Tissue, mine: np.ndarray) -> muscle.Tissue:
    """The tissue of some elements."""
    values = {name: getattr(tissue, name)[..., mine] for name in tissue._fields if name != "curves"}
    return muscle.Tissue(**values, curves=muscle.Curves(*(part[..., mine] for part in tissue.curves)))


@lru_cache(maxsize=4)
def length_test(name: str, side: str, body: Body, draws: Draws) -> LengthTest:
    """Set up a test ("thomas", "straight_leg_raise") of one side on every draw.

    >>> from counterpull.anatomy import load
    >>> woman = load("female")
    >>> test = length_test("thomas", "right", woman, woman.mean)
    >>> -25 < float(np.rad2deg(test.angle()[0])) < 0
    True
    """
    if name not in LENGTH_TESTS:
        raise InputError(f'length test: there is no test "{name}"; use {or_list(LENGTH_TESTS)}.')
    posture = body.tables.postures["thomas_test_right"] if name == "thomas" else Posture()
    posture = posture if side == "right" else posture.mirrored()
    hip, n, v = np.deg2rad(_swept(name)), len(draws.variant), draws.variant
    s = SIDES.index(side)
    elements = _reaching(body, f"femur_{side}", f"tibia_{side}", f"patella_{side}")
    length, arm, rotation, translation = swept(body, draws, posture, f"hip_flexion_{side}", hip, elements)
    crossing = np.abs(arm).max(axis=(0, 1)) > 1e-4
    elements, length, arm = elements[crossing], length[..., crossing], arm[..., crossing]
    settings = [Setting(name=name, posture=replace(posture, **{f"hip_flexion_{side}": x})) for x in hip]
    capsule = np.stack([hip_capsule(draws, setting, s)[0] for setting in settings], axis=1)
    if name == "thomas":
        tilt = known("thomas.pelvic_tilt").at(standard(draws, "thomas.pelvic_tilt"))
        weight = _weight(draws, rotation, translation, side)
        down = np.stack([-np.cos(tilt), np.sin(tilt)], axis=1)  # of a supine body, in the pelvis turned back
        rest = capsule + weight[..., 0] * down[:, None, 1] - weight[..., 1] * down[:, None, 0]
        sign = 1.0
    else:
        tilt = np.zeros(n)
        end = known("straight_leg_raise.end_moment").at(standard(draws, "straight_leg_raise.end_moment"))
        capsule, sign = -capsule, -1.0
        rest = capsule - end[:, None]
    return LengthTest(
        name=name,
        draws=draws,
        elements=elements,
        along=length[v] - draws.slack_length[:, None, elements],
        arm=sign * arm[v],
        hip=hip,
        capsule=capsule,
        rest=rest,
        tilt=tilt,
        curves=curves_of(draws, body.tables),
    )


def _reaching(body: Body, *bones: str) -> np.ndarray:
    """Indices of the elements that touch one of some bones."""
    top = body.topology
    own = np.array([BODIES.index(bone) for bone in bones])
    touched = np.isin(top.point_body[top.start], own) | np.isin(top.point_body[top.end], own)
    return np.unique(top.element[touched])


def swept(
    body: Body, draws: Draws, posture: Posture, coordinate: str, angles: Floats, elements: np.ndarray
) -> tuple[Floats, Floats, Floats, Floats]:
    """Lengths and moment arms (G, A, C) of elements about a coordinate at its `angles` (A,), and where bodies are then.

    Rotation (G, A, 18, 3, 3) and translation (G, A, 18, 3) of the bodies of the anatomy.
    """
    c = COORDINATES.index(coordinate)
    postures = np.repeat(posture.array()[None], len(angles), axis=0)
    postures[:, c] = angles
    few, geometry = paths.only(body.topology, draws.geometry, elements)

    def placed(angles: Floats) -> tuple[Floats, ...]:
        poses = kinematics.pose(geometry.skeleton, angles)
        arm = paths.moment_arms(few, geometry, angles, (c,), poses)[..., 0]
        return paths.path_lengths(few, geometry, poses), arm, *poses

    each = [placed(piece[:, None]) for piece in np.array_split(postures, _PIECES)]
    length, arm, rotation, translation = (
        np.swapaxes(np.concatenate(part), 0, 1) for part in zip(*each, strict=True)
    )
    return length, arm, rotation, translation


def _swept(name: str) -> Floats:
    """Degrees of hip flexion from easy to hard for the muscle."""
    low, high = _RANGE[name]
    degrees = np.arange(low, high + 1, np.rad2deg(_STEP))
    return degrees[::-1] if name == "thomas" else degrees


def _weight(draws: Draws, rotation: Floats, translation: Floats, side: str) -> Floats:
    """Newtons times arm from the hip, forward and up in the pelvis, of a limb in every swept posture, (n, A, 2)."""
    hip, v, out = draws.landmarks[f"hip_centre_{side}"], draws.variant, 0.0
    for part, bone in (("thigh", "femur"), ("shank", "tibia"), ("foot", "tibia")):
        s, b = SEGMENTS.index(f"{part}_{side}"), BODIES.index(f"{bone}_{side}")
        at = np.einsum("naij,nj->nai", rotation[v][:, :, b], draws.segment_centre[:, s])
        arm = at + (translation[:, :, b] - hip[:, None])[v]
        out = out + G * draws.segment_mass[:, s, None, None] * arm[..., :2]
    return np.asarray(out)
