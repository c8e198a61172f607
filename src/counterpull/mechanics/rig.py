"""Rigs: a specimen or a person under loads of one's own choosing.

A `Rig` is built step by step; every verb gives a new rig. Places are landmarks ("s3_centre",
"pubic_tubercle_right") or "x, y, z" in the reference posture with a unit. Numbers are text with units.

>>> from counterpull.anatomy import load
>>> rig = (
...     Rig.specimen(load("male"), keep="sacrum, right innominate, left innominate")
...     .fix("left innominate")
...     .load("sacrum", at="s1_endplate_centre", force="0, -300, 0 N")
... )
>>> done = rig.solve()
>>> bool(done.motion("sacrum", "left innominate", at="s1_endplate_centre").shift_mm[0, 1] < 0)
True
"""

import re
from dataclasses import dataclass, field, replace

import jax
import jax.numpy as jnp
import numpy as np

from counterpull.anatomy.body import Body
from counterpull.anatomy.ensemble import Draws
from counterpull.anatomy.names import find
from counterpull.anatomy.posture import Posture
from counterpull.mechanics import laws, readings
from counterpull.mechanics.asked import BRACE
from counterpull.mechanics.coordinates import BODIES, FORCE_UNIT, FREE, NAMES, Floats, carrier
from counterpull.mechanics.equilibrium import Equilibrium, solve
from counterpull.mechanics.model import Model, MuscleState, Situation, situation, taken
from counterpull.mechanics.outside import s1_axes
from counterpull.mechanics.setting import HELD, Load, Place, Setting, Support
from counterpull.numerics.problem import Outcome
from counterpull.quantities import InputError, nearest, or_list, parse

AXES = ("pelvis", "s1", "world")
PARTS = {
    "everything": FREE,
    "pelvis": ("sacrum", "innominate_right", "innominate_left"),
}
"""Named sets of bodies for Rig.specimen."""


@dataclass(frozen=True, kw_only=True)
class Rig:
    """A body, what is done to it, and what it may do. Begin with `Rig.specimen` or `Rig.person`."""

    body: Body
    setting: Setting
    draws: Draws | None = None
    pulled: tuple[tuple[str, float, str], ...] = field(default=())
    """Tension of single elements: newtons ("N"), or a share of each draw's own maximum ("max")."""

    @classmethod
    def specimen(
        cls, body: Body, keep: str = "pelvis", draws: int | None = None, seed: int = 0, muscles: bool = False
    ) -> "Rig":
        """Parts of a body, without weight; muscles are cut unless asked for.

        `keep` names bodies ("sacrum, left innominate") or "pelvis" or "everything". `draws` makes it an ensemble
        of so many specimens; without it the mean body is used.
        """
        _whole(draws)
        kept = PARTS[keep] if keep in PARTS else tuple(_body(name, FREE) for name in keep.split(","))
        setting = Setting(name="rig", gravity=None, present=kept, muscles=muscles)
        return cls(body=body, setting=setting, draws=body.draw(draws, seed) if draws else None)

    @classmethod
    def person(cls, body: Body, setting: Setting, draws: int | None = None, seed: int = 0) -> "Rig":
        """A living person in a setting, such as `scenarios.activity("standing").setting`, to be changed."""
        _whole(draws)
        return cls(body=body, setting=setting, draws=body.draw(draws, seed) if draws else None)

    def fix(self, *bodies: str) -> "Rig":
        """Hold bodies still, as bone cement does."""
        names = tuple(self._present(name) for name in bodies)
        return self._with(fixed=(*self.setting.fixed, *names))

    def cut(self, *ligaments: str) -> "Rig":
        """Cut ligaments: "sacrotuberous", "sacrospinous" or "iliolumbar"."""
        rows = self.body.tables.ligaments.values()
        known = tuple(dict.fromkeys(row.group for row in rows if not row.in_joint_stiffness))
        for name in ligaments:
            if name not in known:
                raise InputError(f'rig.cut: there is no ligament "{name}" to cut; use {or_list(known)}.')
        return self._with(cut=(*self.setting.cut, *ligaments))

    def support(
        self,
        body: str,
        at: str,
        push: str = "0, 1, 0",
        stiffness: str = "1000 N/mm",
        sticks: float = 0.5,
        raised: str = "0 mm",
    ) -> "Rig":
        """Let a place of a body rest on something that pushes along `push` and never pulls.

        `sticks` is the stiffness along the surface over that across it; 0 is a roller. `raised` lifts it.
        """
        way = _vector(push, "rig.support.push")
        if not any(way):
            raise InputError(f'rig.support.push: "{push}" has no direction; write for example "0, 1, 0".')
        one = Support(
            body=self._present(body, every=True),
            at=self._place(at),
            push=way,
            stiffness=parse(stiffness, "stiffness", "rig.support.stiffness"),
            sticks=sticks,
            raised=parse(raised, "length", "rig.support.raised"),
        )
        return self._with(supports=(*self.setting.supports, one))

    def load(
        self, body: str, at: str, force: str = "0, 0, 0 N", moment: str = "0, 0, 0 Nm", axes: str = "pelvis"
    ) -> "Rig":
        """Load a place of a body with a force and a moment, three numbers and a unit each.

        `axes`: "pelvis" (forward, up, right of P), "s1" (forward in the S1 endplate, normal to it, right) or
        "world" (forward, against gravity, right).
        """
        if axes not in AXES:
            raise InputError(f'rig.load: there are no axes "{axes}"; use {or_list(AXES)}.')
        one = Load(
            name=f"load {len(self.setting.loads) + 1}",
            body=self._present(body, every=True),
            at=self._place(at),
            force=_vector(force, "rig.load.force", "force"),
            moment=_vector(moment, "rig.load.moment", "moment"),
            axes=axes,
        )
        return self._with(loads=(*self.setting.loads, one))

    def bend(self, **angles: str) -> "Rig":
        """Another posture: joint angles by name, as in `Posture.of`."""
        return self._with(posture=Posture.of(**angles))

    def lift_leg(self, side: str) -> "Rig":
        """Take the supports of one leg away, and have muscles hold its thigh and knee where they are."""
        side = _side(side)
        held = [name for name in HELD if name.startswith(f"leg_{side}") or name == f"knee_{side}"]
        rests = tuple(n for n in self.setting.rests_on if not _of_leg(n, side))
        on_a_foot = any(name.startswith("sole") for name in rests)
        if on_a_foot:  # one hip leaves every turn of the pelvis free, and the body leans over its foot
            held += [name for name in HELD if name.startswith("pelvis_")]
        merged = tuple(dict.fromkeys((*self.setting.held, *held)))
        balance = "both" if on_a_foot else self.setting.balance
        return self._with(rests_on=rests, held=merged, balance=balance)

    def raise_foot(self, side: str, by: str) -> "Rig":
        """Put something under one foot (negative: take something away)."""
        side = _side(side)
        rise = parse(by, "length", "rig.raise_foot")
        soles = [n for n in self.setting.rests_on if n.startswith("sole") and n.endswith(side)]
        if not soles:
            raise InputError(
                f'rig.raise_foot: the {side} foot does not stand on anything in "{self.setting.name}".'
            )
        raised = {**dict(self.setting.raised), **dict.fromkeys(soles, rise)}
        return self._with(raised=tuple(raised.items()))

    def without_muscles(self) -> "Rig":
        """Cut all muscles; nothing is held any more."""
        return self._with(muscles=False, held=())

    def pull(self, muscles: str, tension: str = "100 %") -> "Rig":
        """Tension of muscles whatever the nervous system wants: newtons, or % of each one's own maximum.

        A tension in newtons is shared among the elements named, by their strength.
        """
        elements = find(muscles, self.body.tables)
        rows = [self.body.elements.index(name) for name in elements]
        most = self.body.mean.max_force[0][rows]
        if tension.strip().endswith("%"):
            each, kind = np.full(len(rows), parse(tension, "fraction", "rig.pull.tension")), "max"
        else:
            each, kind = parse(tension, "force", "rig.pull.tension") * most / most.sum(), "N"
        new = tuple((name, float(value), kind) for name, value in zip(elements, each, strict=True))
        return replace(self, pulled=(*self.pulled, *new))

    def hold(self, *what: str) -> "Rig":
        """Have muscles hold something: see `setting.HELD`."""
        for name in what:
            if name not in HELD:
                near = nearest(name, HELD)
                hint = f"did you mean {or_list(near)}?" if near else f"use {or_list(HELD)}."
                raise InputError(f'rig.hold: there is nothing to hold named "{name}"; {hint}')
        return self._with(held=tuple(dict.fromkeys((*self.setting.held, *what))))

    def solve(self) -> "Done":
        """Find the balance. Raises InputError when a body is loose, or a muscle that is pulled is not there."""
        alive = self.setting.muscles
        where = situation(self.body, replace(self.setting, muscles=alive or bool(self.pulled)), self.draws)
        most, elements = where.draws.max_force, self.body.elements
        added = np.zeros_like(most)
        for name, value, kind in self.pulled:
            row = elements.index(name)
            added[:, row] += value * (most[:, row] if kind == "max" else 1.0)
        ceiling = 1.0 if self.setting.held and alive else 0.0
        state = MuscleState(added=added, ceiling=ceiling, passive=1.0 if alive else 0.0)
        model = where.model(state)
        absent = sorted(
            {name for name, _, _ in self.pulled if not model.muscles.can_pull(elements.index(name))}
        )
        if absent:
            raise InputError(
                f"rig.pull: the specimen lacks a bone of {absent[0]}; keep it, or pull another muscle."
            )
        _refuse_loose(where, model)
        return Done(where, solve(model))

    def _with(self, **changes: object) -> "Rig":
        return replace(self, setting=replace(self.setting, **changes))

    def _present(self, name: str, every: bool = False) -> str:
        known = BODIES if every else FREE
        found = _body(name, known)
        _refuse_absent(self.setting, found, name)
        return found

    def _place(self, at: str) -> Place:
        if "," in at:
            x, y, z = _vector(at, "rig.at", "length")
            return (x, y, z)
        marks = self.body.landmarks
        key = at.strip().lower().replace(" ", "_")
        for side in ("right", "left"):
            if key.startswith(f"{side}_"):
                key = f"{key.removeprefix(side + '_')}_{side}"
        if key not in marks:
            near = nearest(key, marks)
            hint = f"did you mean {or_list(near)}?" if near else 'or give "x, y, z mm".'
            raise InputError(f'rig: there is no place "{at}"; {hint}')
        return key


@dataclass(frozen=True, eq=False)
class Reading:
    """Relative motion, in the units of the edge; rows are draws."""

    raw: readings.Motion

    @property
    def shift_mm(self) -> Floats:
        """(n, 3) forward, up, right (or along the axes asked for)."""
        return self.raw.shift * 1e3

    @property
    def turn_deg(self) -> Floats:
        """(n, 3) rotation about the same axes."""
        return np.rad2deg(self.raw.turn)

    @property
    def angle_deg(self) -> Floats:
        """(n,) size of the rotation: about the helical axis."""
        return np.rad2deg(self.raw.angle)

    @property
    def slide_mm(self) -> Floats:
        """(n,) shift along the helical axis."""
        return self.raw.slide * 1e3

    @property
    def axis(self) -> Floats:
        """(n, 3) direction of the helical axis."""
        return self.raw.axis

    @property
    def axis_point_mm(self) -> Floats:
        """(n, 3) point of the helical axis nearest to the place read, in P."""
        return self.raw.axis_point * 1e3


@dataclass(frozen=True, eq=False)
class Done:
    """A rig in balance."""

    situation: Situation
    found: Equilibrium

    @property
    def outcome(self) -> list[Outcome]:
        """What came of each draw."""
        return [Outcome(int(code)) for code in self.found.outcome]

    def motion(self, body: str, relative_to: str, at: str, axes: str = "pelvis") -> Reading:
        """Motion of one body relative to another at a place, along "pelvis" or "s1" axes."""
        rig = Rig(body=self.situation.body, setting=self.situation.setting)
        where = rig._place(at)
        if axes not in ("pelvis", "s1"):
            raise InputError(f'rig.motion: there are no axes "{axes}"; use pelvis or s1.')
        first, second = (_body(name, BODIES) for name in (body, relative_to))
        for body_ in (first, second):
            _refuse_absent(self.situation.setting, body_, body_)
        place = self.situation.place
        point = place.marks[where] if isinstance(where, str) else place.carried(first, np.asarray(where))
        frame = s1_axes(place) if axes == "s1" else None
        return Reading(readings.motion(self.situation, self.found, first, second, point, frame))

    def shifts_deg_mm(self, side: str) -> dict[str, Floats]:
        """Motion of an innominate on the sacrum in the words of readings.SHIFTS: degrees and millimetres, (n,)."""
        s = ("right", "left").index(_side(side))
        each = readings.shifts(self.situation, self.found)[:, s]
        scale = [np.rad2deg(1.0)] * 3 + [1e3] * 3
        return {name: each[:, i] * scale[i] for i, name in enumerate(readings.SHIFTS)}


def _body(name: str, known: tuple[str, ...]) -> str:
    """A body by any order of its words: "left innominate" is innominate_left."""
    words = name.strip().lower().replace("_", " ").split()
    side = [w for w in words if w in ("right", "left")]
    key = "_".join([w for w in words if w not in side] + side)
    key = {"trunk": "thorax"}.get(key, key)
    if key not in known:
        near = nearest(key, known)
        hint = f"did you mean {or_list(near)}?" if near else f"use {or_list(known)}."
        raise InputError(f'rig: there is no body "{name.strip()}"; {hint}')
    return key


def _side(side: str) -> str:
    if side.lower() not in ("right", "left"):
        raise InputError(f'rig: "{side}" is no side; use right or left.')
    return side.lower()


def _whole(draws: int | None) -> None:
    if draws is not None and not 1 <= draws <= 100_000:
        raise InputError(f"rig: {draws} draws are not possible; use 1 to 100000, or none for the mean body.")


def _refuse_absent(setting: Setting, body: str, name: str) -> None:
    if carrier(body) not in setting.present:
        holds = ", ".join(setting.present[:-1]) + f" and {setting.present[-1]}"
        raise InputError(f'rig: "{name}" is not part of the specimen, which holds {holds}.')


def _refuse_loose(where: Situation, model: Model) -> None:
    """A body that nothing holds has a direction without stiffness: say which."""
    one = taken(model, np.arange(1))
    with jax.enable_x64(True):
        structure, tissue = jax.tree.map(lambda a: jnp.asarray(a[0]), (one.structure, one.muscles.tissue))
        pull = model.pull[model.variant[0]] * one.structure.moving[0][:, None]
        structure = structure._replace(passive=laws.Passive(pull, tissue))
        tangent = np.array(laws.law(structure, jnp.zeros(model.held.shape[1]), jnp.array(True))[1])
    tangent += BRACE * model.held.T @ model.held
    values, ways = np.linalg.eigh(tangent / np.sqrt(np.outer(FORCE_UNIT, FORCE_UNIT)))
    if values[0] <= 0.1:  # N/m
        loosest = NAMES[int(np.argmax(np.abs(ways[:, 0])))].split(".")[0]
        raise InputError(
            f'rig "{where.setting.name}": nothing holds {loosest} (it is loose, or topples); fix it, support it, '
            "or have muscles hold it."
        )


def _of_leg(patch: str, side: str) -> bool:
    return patch.endswith(side) and patch.startswith(("sole", "heel", "calf", "thigh"))


def _vector(written: str, what: str, dimension: str = "") -> tuple[float, float, float]:
    """Three numbers and one unit: "0, -294, 0 N"."""
    match = re.fullmatch(r"\s*([^,]+),([^,]+),\s*([-+.\deE]+)\s*(.*?)\s*", written)
    if match is None:
        raise InputError(f'{what}: "{written}" is not three numbers and a unit, as in "0, -300, 0 N".')
    numbers, unit = match.groups()[:3], match[4]
    if not dimension and unit:
        raise InputError(f'{what}: "{written}" is a direction and has no unit; write for example "0, 1, 0".')
    try:
        if dimension:
            x, y, z = (parse(f"{number.strip()} {unit}", dimension, what) for number in numbers)
        else:
            x, y, z = (float(number) for number in numbers)
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f'{what}: "{written}" is not three numbers, as in "0, 1, 0".') from None
    return x, y, z
