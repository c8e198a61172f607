"""A body in a setting, compiled to arrays: nothing in a Model is a name or a unit.

    restoring(x) = loads + pull · tension,       tension_i = passive_i(x) + a_i active_i

Bodies become frames, joints become stiffness, muscles become tensions per activation. n draws, G ≤ 16 geometry
variants, N coordinates, E elements. SI.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np

from counterpull.anatomy.body import Body
from counterpull.anatomy.draws import VARIANTS
from counterpull.anatomy.ensemble import Draws
from counterpull.anatomy.records import Tables
from counterpull.mechanics import muscle, ring
from counterpull.mechanics.coordinates import BODIES, FORCE_UNIT, Floats, carrier
from counterpull.mechanics.laws import Structure
from counterpull.mechanics.outside import LOADS, Outside, outside
from counterpull.mechanics.posed import Posed, posed
from counterpull.mechanics.setting import Setting, held_rows

__all__ = ["LOADS", "Model", "MuscleState", "Muscles", "Situation", "muscles", "situation"]


class Muscles(NamedTuple):
    """The elements' tensions and bounds, (n, E) each."""

    active: Floats
    """Newtons at full activation."""
    tissue: muscle.Tissue
    """What does not depend on activation: stretched tissue, and whatever a finding adds."""
    short_range: Floats
    """N/m per unit activation: what the active fibre opposes to a stretch before any reaction."""
    weight: Floats
    """Cost of activation: volume, with mean 1."""
    low: Floats
    high: Floats
    target: Floats
    """Drive that costs nothing: 0, or an involuntary drive."""
    there: Floats
    """1 where all bones of the element take part, else 0."""

    @property
    def passive(self) -> Floats:
        """Newtons of the passive parts in the posture, before anything moves."""
        return muscle.passive_tension(self.tissue, np.zeros_like(self.tissue.along))[0]

    def can_pull(self, element: int) -> bool:
        """Whether an element can pull at all."""
        return bool(np.all(self.there[:, element] > 0))


class Model(NamedTuple):
    """One person in one setting, as arrays."""

    variant: np.ndarray
    """(n,) which of the G variants each draw has."""
    pull: Floats
    """(G, N, E) generalised force of a unit tension."""
    structure: Structure
    """Leading axis n."""
    loads: Floats
    """(n, 4, N) by cause: LOADS."""
    muscles: Muscles
    held: Floats
    """(m, N)"""
    yielding: Floats
    """(n,) rad: a deviation of the posture that costs as much as the whole effort, when posture yields."""
    force_unit: Floats
    """(N,)"""


@dataclass(frozen=True, kw_only=True)
class MuscleState:
    """What is unusual about the muscles: arrays (E,) or (n, E), or one number for all. The default is nothing.

    These are the mechanics of findings: *weak* is strength < 1; *inhibited* a ceiling < 1; *tight* a passive
    factor > 1 or a shortening > 0; *spasm* an involuntary drive, or added newtons.
    """

    strength: Floats | float = 1.0
    """Factor of the active force."""
    passive: Floats | float = 1.0
    """Factor of the passive force."""
    shortening: Floats | float = 0.0
    """m by which the passive part begins earlier; the active part keeps its length."""
    involuntary: Floats | float = 0.0
    """Drive that is there without being asked for, 0 to 1; the voluntary adds to it, up to 1 together."""
    floor: Floats | bool = False
    """The named alternative: the voluntary does not add to the involuntary drive, it uses it."""
    ceiling: Floats | float = 1.0
    """Largest activation that can be reached."""
    added: Floats | float = 0.0
    """Newtons of tension that neither length nor drive explains."""


@dataclass(frozen=True, eq=False)
class Situation:
    """A person's draws in a setting: what a Model is compiled from, and what readings are taken with."""

    body: Body
    draws: Draws
    setting: Setting
    place: Posed

    @cached_property
    def around(self) -> Outside:
        """Weight, supports and loads."""
        return outside(self.place, self.draws, self.setting)

    @cached_property
    def structure(self) -> Structure:
        """What pushes back, without the muscles."""
        softer = compliance_of_sex(self.body, self.draws)
        return ring.structure(self.place, self.draws, self.setting, self.around, softer)

    def model(self, state: "MuscleState | None" = None) -> Model:
        """Compile to arrays, with muscles in some state (the default: nothing is unusual)."""
        moving = ring.moving(self.setting)
        strain = ring.posture_load(self.place, self.draws, self.setting)
        loads = np.concatenate([self.around.loads, strain[:, None]], axis=1)
        return Model(
            variant=self.draws.variant,
            pull=self.place.pull,
            structure=self.structure,
            loads=loads * moving,
            muscles=muscles(self.place, self.draws, state or MuscleState(), self.setting),
            held=held_rows(self.setting.held) * moving,
            yielding=self.draws.joints["posture.yield_angle"],
            force_unit=FORCE_UNIT,
        )


def situation(
    body: Body, setting: Setting, draws: Draws | None = None, place: Posed | None = None
) -> Situation:
    """A body in a setting. Without `draws`, the mean body; `place` saves posing the same variants again.

    Raises InputError when the setting names something that does not exist.
    """
    draws = body.mean if draws is None else draws
    return Situation(body, draws, setting, posed(body, draws, setting.posture) if place is None else place)


def compliance_of_sex(body: Body, draws: Draws) -> Floats:
    """How much softer than the specimens' mean this person's sacroiliac joints are, (n, 2).

    The specimens were of both sexes: a woman's are √f softer, a man's √f stiffer, f the ratio of the two.
    """
    ratio = np.sqrt(draws.joints["sacroiliac.female_compliance"])
    if body.person is None:
        return np.ones_like(ratio)
    return ratio if body.person.sex == "female" else 1.0 / ratio


def muscles(place: Posed, draws: Draws, state: MuscleState, setting: Setting) -> Muscles:
    """Tensions and bounds of all elements in the posture."""
    joints = draws.joints
    curves = curves_of(draws, place.tables)
    length = place.length[draws.variant]
    fibre = muscle.fibre(length, draws.slack_length, draws.fibre_length, draws.pennation, curves)
    here = _taking_part(place, setting) * draws.max_force
    volume = draws.pcsa * draws.fibre_length
    full = np.ones_like(volume)
    involuntary = np.clip(state.involuntary * full, 0.0, 1.0)
    quotient = joints["muscle.short_range_stiffness_ratio"][:, None] / draws.fibre_length
    active = state.strength * here * fibre.active
    return Muscles(
        active=active,
        tissue=muscle.Tissue(
            along=length - draws.slack_length + state.shortening,
            optimal=draws.fibre_length,
            thickness=draws.fibre_length * np.sin(draws.pennation),
            strength=state.passive * here,
            constant=(here > 0) * state.added * full,
            curves=curves,
        ),
        short_range=active * fibre.cosine * quotient,
        weight=volume / volume.mean(axis=1, keepdims=True),
        low=involuntary,
        high=np.maximum(np.clip(state.ceiling * full, 0.0, 1.0), involuntary),
        target=np.where(state.floor, 0.0, involuntary),
        there=full * (here > 0),
    )


def curves_of(draws: Draws, tables: Tables) -> muscle.Curves:
    """The muscle curves of every draw, (n, 1) or (n, E) each."""
    joints = draws.joints
    return muscle.Curves(
        joints["muscle.active_width"][:, None],
        joints["muscle.passive_strain"][:, None] * passive_compliance(tables),
        joints["muscle.passive_shape"][:, None] + np.zeros(len(tables.elements) * 2),
        joints["muscle.passive_begin"][:, None],
    )


@cache
def passive_compliance(tables: Tables) -> Floats:
    """How much further than others each element stretches for the same passive force, (E,): 1 unless a row says."""
    keys = [f"{element.muscle}.passive_compliance" for element in tables.elements.values()]
    return np.tile([tables.known[key].value if key in tables.known else 1.0 for key in keys], 2)


def _taking_part(place: Posed, setting: Setting) -> Floats:
    """(E,) 1 for elements all of whose bodies are present."""
    if not setting.muscles:
        return np.zeros(place.length.shape[1])
    present = np.array([carrier(body) in setting.present for body in BODIES])
    touched = np.abs(place.wrench[0]).sum(axis=-1) > 0
    return np.all(~touched | present, axis=1).astype(float)


def of_draws(part: Any, rows: np.ndarray | int) -> Any:
    """Some draws, or one, of arrays in nested tuples."""
    if isinstance(part, tuple):
        return type(part)(*(of_draws(each, rows) for each in part))
    return None if part is None else part[rows]


def taken(model: Model, rows: np.ndarray) -> Model:
    """Some draws of a model. Variants stay whole, unless there are more of them than draws are taken."""
    pull, variant = model.pull, model.variant[rows]
    if len(pull) > max(len(rows), VARIANTS):
        pull, variant = pull[variant], np.arange(len(rows))
    return model._replace(
        variant=variant,
        pull=pull,
        structure=of_draws(model.structure, rows),
        loads=model.loads[rows],
        muscles=of_draws(model.muscles, rows),
        yielding=model.yielding[rows],
    )
