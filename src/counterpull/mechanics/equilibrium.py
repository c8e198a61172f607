"""Solve: the activations of least effort whose tensions, with everything else, balance the ring.

Three modes of response:

* `held`: the nervous system balances the loads anew and holds the posture exactly;
* `yields`: a deviation of the posture costs effort too (θ of it as much as the whole effort), so it gives way;
* `before_reaction`: activations are frozen as given; joints, passive tissue and the short-range stiffness of
  the active fibres respond. Weight then does not topple: in a tenth of a second inertia does not let it.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from counterpull.anatomy.draws import VARIANTS
from counterpull.compiled import kept
from counterpull.mechanics import laws
from counterpull.mechanics.coordinates import Floats, Numeric
from counterpull.mechanics.model import Model, Muscles
from counterpull.mechanics.muscle import passive_tension
from counterpull.mechanics.yardsticks import SEEN_ROTATION, SEEN_SHIFT
from counterpull.numerics import balance, conditions
from counterpull.numerics.problem import Outcome
from counterpull.quantities import InputError, or_list

MODES = ("held", "yields", "before_reaction")
BRACE = 3e3
"""Nm/rad: springs that hold the posture while the balance is sought; they carry nothing in the end."""
MOST_TURN = 1.0
"""rad by which a posture may yield."""
CHUNK = 32
"""Problems that advance together; larger batches are cut into chunks, so that few shapes are compiled."""
_ROUNDS, _AGREES, _LEAST = 40, 1e-6, 1e-5
"""Of the cubed effort: most rounds, change of the activations that counts as none, and the least that counts."""


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """What was found, n draws. SI; tension and activation in the order of Body.elements."""

    model: Model
    x: Floats
    """(n, N) displacement from the posture, unloaded ring = 0."""
    activation: Floats
    """(n, E) total drive, involuntary included."""
    multiplier: Floats
    """(n, m) what it costs to move a held coordinate by one unit."""
    outcome: np.ndarray
    """(n,) of numerics.Outcome."""
    steps: np.ndarray
    unbalanced: Floats
    """(n,) largest unbalanced force over the largest force."""

    @property
    def tension(self) -> Floats:
        """(n, E) newtons, passive parts and their stretch included."""
        muscles = self.model.muscles
        stretch = -np.einsum("nxe,nx->ne", self.model.pull[self.model.variant], self.x)
        return passive_tension(muscles.tissue, stretch)[0] + self.activation * muscles.active

    def of(self, rows: np.ndarray) -> "Equilibrium":
        """The same of some draws."""
        rest = (self.x, self.activation, self.multiplier, self.outcome, self.steps, self.unbalanced)
        return Equilibrium(taken(self.model, rows), *(part[rows] for part in rest))

    @property
    def held(self) -> np.ndarray:
        """(n,) whether the posture is held."""
        return self.outcome == Outcome.CONVERGED


def solve(
    model: Model,
    mode: str = "held",
    frozen: Equilibrium | None = None,
    protection: float = 0.0,
    exponent: int = 2,
) -> Equilibrium:
    """Balance every draw of a model.

    `mode` is "held", "yields" or "before_reaction"; the last two start from a `frozen` equilibrium (the
    baseline): its effort is the measure of yielding, its activations are those that are frozen.
    `protection` g adds ½ g Σ (d / limit)² to the effort, d the shifts and turns of both sacroiliac joints and limit
    what imaging can detect (0.47 mm, 0.71 deg): a nervous system that spares the joints. 0 is the reference case.
    `exponent` 3 makes the effort the sum of the cubes of the activations (Crowninshield & Brand 1981); it takes
    some ten times as long.
    """
    if mode not in MODES:
        raise InputError(f'solve: there is no mode "{mode}"; use {or_list(MODES)}.')
    if not protection >= 0:
        raise InputError(f"solve: protection is {protection}; it must not be negative.")
    if exponent not in (2, 3):
        raise InputError(f"solve: the exponent of the effort is {exponent}; use 2 or 3.")
    if exponent == 3 and mode != "before_reaction":
        return _cubed(model, mode, frozen, protection)
    n = len(model.variant)
    effort = np.ones(n)
    drive, before = np.zeros_like(model.muscles.low), np.zeros_like(model.loads[:, 0])
    if frozen is not None:
        drive, before = frozen.activation, frozen.x
        effort = np.sum(model.muscles.weight * drive**2, axis=1)
    price = np.maximum(effort, 1e-9) / model.yielding**2
    response = [np.full(n, float(mode == "before_reaction")), np.full(n, float(mode != "held")), price]
    inputs = (*response, drive, before)
    joined = _in_chunks(model, protection, inputs, np.arange(n), False)
    # A few in a thousand circle where the tangent changes fast: those are settled with more care.
    rest = np.flatnonzero(joined[3] == Outcome.UNFINISHED)
    if len(rest):
        for all_, again in zip(joined, _in_chunks(model, protection, inputs, rest, True), strict=True):
            all_[rest] = again
    return Equilibrium(model, *joined)


def _cubed(model: Model, mode: str, frozen: Equilibrium | None, protection: float) -> Equilibrium:
    """Least sum of w d³/3: the least sum of ½ (w d) d², the factor w d taken from the last round.

    A round squares the miss of d; its geometric mean with the last d is the answer when the multipliers stay.
    """
    tissue = model.muscles
    drive = np.full_like(tissue.low, 0.1)
    for _ in range(_ROUNDS):
        weighed = model._replace(muscles=tissue._replace(weight=tissue.weight * np.maximum(drive, _LEAST)))
        found = solve(weighed, mode, frozen, protection)
        now = np.sqrt(np.maximum(drive, _LEAST) * np.maximum(found.activation - tissue.target, 0.0))
        change, drive = np.abs(now - drive), now
        if change[found.held].max(initial=0.0) < _AGREES:
            break
    return replace(found, model=model)


def _in_chunks(
    model: Model, protection: float, inputs: tuple[Floats, ...], rows: np.ndarray, thorough: bool
) -> list[np.ndarray]:
    """Solve some draws, CHUNK at a time; the last chunk is filled up with its last draw."""

    def one(some: np.ndarray) -> list[np.ndarray]:
        with jax.enable_x64(True):
            part = _chunk(taken(model, some), protection, thorough, *(each[some] for each in inputs))
            return [np.asarray(each) for each in part]

    return in_chunks(one, rows, 1 if thorough else CHUNK)


def in_chunks(
    solve_some: Callable[[np.ndarray], list[np.ndarray]], rows: np.ndarray, size: int = CHUNK
) -> list[np.ndarray]:
    """Solve `size` draws at a time, on all cores, and join the results. The first chunk goes alone: it compiles."""
    first, *others = chunks(rows, size)
    parts = [solve_some(first)]
    if others:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            parts += pool.map(solve_some, others)
    return [np.concatenate(each)[: len(rows)] for each in zip(*parts, strict=True)]


def chunks(rows: np.ndarray, size: int = CHUNK) -> list[np.ndarray]:
    """Rows, `size` at a time; the last chunk is filled with the last row. One row alone stays alone."""
    size = 1 if len(rows) == 1 else size
    return [
        rows[np.minimum(np.arange(start, start + size), len(rows) - 1)] for start in range(0, len(rows), size)
    ]


def taken(model: Model, rows: np.ndarray) -> Model:
    """Some draws of a model. Variants stay whole, unless there are more of them than draws are taken."""
    per_draw = partial(jax.tree.map, lambda a: a[rows])
    pull, variant = model.pull, model.variant[rows]
    if len(pull) > max(len(rows), VARIANTS):
        pull, variant = pull[variant], np.arange(len(rows))
    return model._replace(
        variant=variant,
        pull=pull,
        structure=per_draw(model.structure),
        loads=model.loads[rows],
        muscles=per_draw(model.muscles),
        yielding=model.yielding[rows],
    )


@partial(kept, static=(1, 2))
def _chunk(model: Model, protection: float, thorough: bool, *inputs: Array) -> tuple[Array, ...]:
    # One after the other: a batch in step would run at the pace of its slowest element.
    parts = (model.variant, model.structure, model.loads, model.muscles, *inputs)
    found = jax.lax.map(lambda one: _single(model, protection, thorough, *one), parts)
    elements = model.muscles.low.shape[1]
    return found.x, found.value[:, :elements], found.multiplier, found.outcome, found.steps, found.unbalanced


def _single(
    model: Model,
    protection: float,
    thorough: bool,
    variant: Array,
    structure: laws.Structure,
    loads: Array,
    tissue: Muscles,
    quick: Array,
    gives: Array,
    price: Array,
    drive: Array,
    before: Array,
) -> balance.Balanced:
    """One draw. All modes are one program: `quick` 1 before a reaction, `gives` 1 where the posture may deviate."""
    pull = jnp.asarray(model.pull)[variant]
    fast = (pull * structure.moving[:, None] * (quick * tissue.short_range * drive)) @ pull.T
    fast = fast * structure.moving
    # Stretch counts from the baseline, and what has toppled so far stays.
    loads = loads.at[0].add((fast - quick * structure.toppling) @ before)
    structure = structure._replace(
        linear=structure.linear + fast, toppling=(1.0 - quick) * structure.toppling
    )
    frozen, now = jnp.clip(drive + tissue.low, 0.0, 1.0), quick > 0
    tissue = tissue._replace(
        low=jnp.where(now, frozen, tissue.low),
        high=jnp.where(now, frozen, tissue.high),
        target=jnp.where(now, frozen, tissue.target),
    )
    structure, demands = balanced_problem(pull, model.held, model.force_unit, structure, loads, tissue)
    demands = _giving(demands, gives * MOST_TURN, price)
    if protection:
        demands = protected(demands, structure, protection)
    law, rows = partial(laws.law, structure), demands.held.shape[0]
    first = balance.find(law, demands, before, jnp.zeros(rows))
    if not thorough:
        return first
    careful = balance.find(law, demands, before, jnp.zeros(rows), newton_steps=15, caution=4.0)
    better = careful.unbalanced < first.unbalanced
    start = jax.tree.map(partial(jnp.where, better), careful, first)
    settled = conditions.settle(law, demands, start)
    for other in (careful, settled):
        done = (first.outcome == Outcome.UNFINISHED) & (other.outcome != Outcome.UNFINISHED)
        first = jax.tree.map(partial(jnp.where, done), other, first)
    return balance.verdict(law, demands, first)


def _giving(demands: balance.Demands, most: Numeric, price: Numeric) -> balance.Demands:
    """The same demands, from which the posture may deviate by `most` at a price: held·x = deviation."""
    rows = demands.held.shape[0]

    def with_deviation(a: Numeric, value: Numeric) -> Array:
        return jnp.concatenate([a, jnp.full(rows, value)])

    return demands._replace(
        pull=jnp.concatenate([demands.pull, jnp.zeros((demands.pull.shape[0], rows))], axis=1),
        direct=jnp.concatenate([demands.direct, -jnp.eye(rows)], axis=1),
        weight=with_deviation(demands.weight, price),
        target=with_deviation(demands.target, 0.0),
        low=with_deviation(demands.low, -most),
        high=with_deviation(demands.high, most),
    )


def balanced_problem(
    pull: Numeric,
    held: Numeric,
    force_unit: Numeric,
    structure: laws.Structure,
    loads: Numeric,
    tissue: Muscles,
) -> tuple[laws.Structure, balance.Demands]:
    """The structure with its passive muscles, and what is demanded of it to hold the posture, for one draw."""
    held, force_unit = jnp.asarray(held), jnp.asarray(force_unit)
    moving = structure.moving
    pull = pull * moving[:, None]
    structure = structure._replace(passive=laws.Passive(pull, tissue.tissue))
    rows = held.shape[0]
    return structure, balance.Demands(
        pull=pull * tissue.active,
        load=loads.sum(axis=0) * moving,
        weight=jnp.asarray(tissue.weight),
        target=jnp.asarray(tissue.target),
        low=jnp.asarray(tissue.low),
        high=jnp.asarray(tissue.high),
        held=held,
        direct=jnp.zeros((rows, tissue.active.shape[0])),
        aim=jnp.zeros(rows),
        softness=jnp.zeros(rows),
        one_sided=jnp.zeros(rows, bool),
        force_unit=force_unit,
        brace=jnp.full(rows, BRACE),
    )


def protected(demands: balance.Demands, structure: laws.Structure, protection: float) -> balance.Demands:
    """The same demands, and soft ones that keep both sacroiliac joints where they rest."""
    limit = jnp.array([SEEN_SHIFT] * 3 + [SEEN_ROTATION] * 3)
    rows = (structure.sacroiliac.frame / limit[:, None]).reshape(12, -1) * structure.moving
    none = jnp.zeros(12)
    return demands._replace(
        held=jnp.concatenate([demands.held, rows]),
        direct=jnp.concatenate([demands.direct, jnp.zeros((12, demands.direct.shape[1]))]),
        aim=jnp.concatenate([demands.aim, none]),
        softness=jnp.concatenate([demands.softness, none + 1.0 / protection]),
        one_sided=jnp.concatenate([demands.one_sided, none.astype(bool)]),
        brace=jnp.concatenate([jnp.asarray(demands.brace), none]),
    )


class Numbers(NamedTuple):
    """What an answer depends on, for one draw: everything in a Model that has a derivative."""

    pull: Numeric
    """(N, E)"""
    structure: laws.Structure
    loads: Numeric
    """(4, N)"""
    muscles: Muscles


def numbers(found: Equilibrium, draw: int) -> Numbers:
    """The numbers of one draw."""
    model = found.model
    one = taken(model, np.array([draw]))
    first = partial(jax.tree.map, lambda a: a[0])
    return Numbers(one.pull[one.variant[0]], first(one.structure), one.loads[0], first(one.muscles))


def answer(found: Equilibrium, draw: int) -> Callable[[Numbers], tuple[Array, Array]]:
    """Displacement (N,) and activation (E,) of one held draw as a function of its numbers, for JAX to differentiate.

    >>> import jax
    >>> from counterpull.anatomy import load
    >>> from counterpull.mechanics import situation
    >>> from counterpull.mechanics.setting import Setting
    >>> found = solve(situation(load("female"), Setting(name="hanging", gravity=None, fixed=("sacrum",))).model())
    >>> with jax.enable_x64(True):
    ...     slopes = jax.jacrev(lambda n: answer(found, 0)(n)[0])(numbers(found, 0))
    >>> slopes.loads.shape  # metres and radians per newton and newton metre
    (56, 4, 56)
    """
    model = found.model
    here = numbers(found, draw)

    def problem(given: Numbers) -> tuple[laws.Structure, balance.Demands]:
        return balanced_problem(
            given.pull, model.held, model.force_unit, given.structure, given.loads, given.muscles
        )

    with jax.enable_x64(True):
        structure, demands = problem(here)
        _, tangent = laws.law(structure, found.x[draw], jnp.array(False))
        costate = jnp.linalg.solve(tangent.T, demands.held.T @ found.multiplier[draw])
        at = conditions.Point(jnp.asarray(found.x[draw]), costate, jnp.asarray(found.multiplier[draw]))

    def near(given: Numbers) -> tuple[Array, Array]:
        structure, demands = problem(given)
        moved = conditions.follow(partial(laws.law, structure), demands, at)
        return moved.x, conditions.unknowns(demands, moved)

    return near
